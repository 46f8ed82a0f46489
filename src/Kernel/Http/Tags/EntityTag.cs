using System.Buffers.Text;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tenet.Kernel.Http.Tags;

/// <summary>The tag of what a caller was shown (RFC 9110, 8.8.3): a digest of it, so that no table needs a version.</summary>
public static class EntityTag
{
    public static string Of<T>(T shown) =>
        $"\"{Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(shown, JsonSerializerOptions.Web)).AsSpan(0, 15))}\"";

    /// <summary>200 with its tag; 304 when the caller has this very one.</summary>
    public static Tagged<T> Tagged<T>(T shown) => new(shown);
}

/// <summary>An answer with the tag that an edit of it must name in <c>If-Match</c>.</summary>
public sealed class Tagged<T>(T shown) : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    int? IStatusCodeHttpResult.StatusCode => StatusCodes.Status200OK;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var tag = EntityTag.Of(shown);
        httpContext.Response.Headers.ETag = tag;
        if (httpContext.Request.Headers.IfNoneMatch.Contains(tag, StringComparer.Ordinal))
        {
            httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        return TypedResults.Ok(shown).ExecuteAsync(httpContext);
    }

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
}
