using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Http.Tags;

/// <summary>
/// What the caller believes they change. An edit takes it as a parameter and demands it, so that nobody overwrites what another has changed
/// meanwhile. <c>*</c> means whatever is there.
/// </summary>
public sealed class IfMatch
{
    private readonly IList<EntityTagHeaderValue> _tags;

    private IfMatch(IList<EntityTagHeaderValue> tags) => _tags = tags;

    public static ValueTask<IfMatch?> BindAsync(HttpContext http) =>
        ValueTask.FromResult<IfMatch?>(new(http.Request.GetTypedHeaders().IfMatch));

    /// <param name="hold">Locks the row until the commit: <c>select from t where … for update</c>.</param>
    /// <param name="read">What a caller is shown of it now.</param>
    /// <exception cref="RefusedException">428: no tag was sent; 412: it was changed since.</exception>
    public async Task DemandAsync<T>(WorkspaceContext ctx, Sql hold, Func<Task<T>> read, CancellationToken ct)
    {
        if (_tags.Count == 0)
        {
            throw new RefusedException(
                428,
                "Send If-Match with the ETag of what you read, so that nobody's change is lost; * changes whatever is there."
            );
        }
        await ctx.ExecuteAsync(hold, ct);
        if (_tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any)))
        {
            return;
        }
        var now = new EntityTagHeaderValue(EntityTag.Of(await read()));
        if (!_tags.Any(tag => tag.Compare(now, useStrongComparison: true)))
        {
            throw new RefusedException(412, "This was changed since you read it. Read it again and repeat your change.");
        }
    }
}
