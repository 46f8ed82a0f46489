using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Accounts;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Public;

/// <summary>What programs ask of a site at addresses that all sites share: RFC 8615.</summary>
internal static class WellKnown
{
    public static void MapWellKnown(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/.well-known").AllowAnonymous().LimitedBy(RateGroup.Open).ExcludeFromDescription();
        group.MapGet("/gpc.json", GpcAsync);
        group.MapGet("/security.txt", SecurityTxt);
    }

    /// <summary>Global Privacy Control: nothing is sold or shared, so the signal is honoured before it is sent.</summary>
    private static async Task<JsonHttpResult<GpcSupport>> GpcAsync(PolicyBook book, CancellationToken ct) =>
        TypedResults.Json(
            new GpcSupport(true, (await book.DefaultAsync(ct)).Effective.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
        );

    private static Results<ContentHttpResult, NotFound> SecurityTxt(OperatorOptions options, PublicAddress address, TimeProvider time)
    {
        var settings = options.SecurityTxt;
        if (settings.Contact.Count == 0)
        {
            return TypedResults.NotFound();
        }
        var text = new StringBuilder();
        void Line(string field, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
            {
                // A setting with a line break must not add a field.
                text.Append(field).Append(": ").Append(value.ReplaceLineEndings(" ").Trim()).Append("\r\n");
            }
        }
        foreach (var contact in settings.Contact)
        {
            Line("Contact", contact);
        }
        var expires = settings.Expires ?? new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date.AddDays(182), TimeSpan.Zero);
        Line("Expires", expires.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Line("Encryption", settings.Encryption);
        Line("Acknowledgments", settings.Acknowledgments);
        Line("Preferred-Languages", settings.PreferredLanguages);
        Line("Canonical", new Uri(address.Own, "/.well-known/security.txt").AbsoluteUri);
        Line("Policy", settings.Policy);
        return TypedResults.Text(text.ToString(), "text/plain; charset=utf-8");
    }

    internal sealed record GpcSupport(bool Gpc, string LastUpdate);
}
