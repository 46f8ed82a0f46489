using Tenet.Kernel.Http;
using Tenet.Kernel.Workspaces;
using Tenet.Privacy.Rights;

namespace Tenet.Privacy.Requests;

/// <summary>
/// Whose rows a request is about. Who came by the chat has proven that they are this visitor, not that an address they named is theirs; who opened
/// the letter, or was looked at by the team, has proven the address.
/// </summary>
internal sealed class RequestPersons(Subjects subjects)
{
    public const string Table = "privacy.request";

    /// <returns>Rows of persons other than requests; empty when nobody is found.</returns>
    public async Task<List<PersonRow>> FindAsync(WorkspaceContext ctx, PrivacyRequest request, CancellationToken ct)
    {
        var found = new List<PersonRow>();
        if (request.PersonId is { } person)
        {
            found.AddRange(await subjects.OfAsync(ctx, [person], ct));
        }
        if (request.Email is { } email && request.Identity is not RequestIdentity.Widget)
        {
            found.AddRange(await subjects.FindAsync(ctx, email, ct));
        }
        return [.. found.Where(row => row.Table != Table).Distinct()];
    }

    /// <summary>The ids of these rows, with the request itself: what was asked and answered belongs to a copy.</summary>
    /// <exception cref="ConflictException">Nobody is found.</exception>
    public async Task<Guid[]> DemandAsync(WorkspaceContext ctx, PrivacyRequest request, CancellationToken ct)
    {
        var rows = await FindAsync(ctx, request, ct);
        return rows.Count > 0
            ? [.. rows.Select(row => row.Id)]
            : throw new ConflictException("Nobody is found under this address. Look again, or decline because nothing matches.");
    }
}
