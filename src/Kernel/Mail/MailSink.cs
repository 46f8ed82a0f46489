using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel.Mail;

/// <summary>
/// The development mailbox: the last 50 letters as a page. Whoever reads it can sign in as anybody, so it is there only while no relay is set
/// and the installation is known by no name beside this machine's, and answers only those who call from the machine itself.
/// </summary>
public static partial class MailSink
{
    private static readonly string[] SaidByProxies = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    public static bool IsIn(MailOptions mail, ArrivalOptions arrival) => mail.UsesSink && arrival.IsOnThisMachineOnly;

    internal static void MapMailSink(this IEndpointRouteBuilder app) =>
        app.MapGet("/dev/mail", ShowAsync).AllowAnonymous().LimitedBy(RateGroup.Open).WithOwnFiles();

    private static async Task<Results<ContentHttpResult, NotFound>> ShowAsync(
        HttpContext http,
        SystemScope system,
        Mailer mailer,
        CancellationToken ct
    )
    {
        if (!IsFromThisMachine(http))
        {
            return TypedResults.NotFound();
        }
        var mails = await system.RunAsync(
            s =>
                s.ListAsync(
                    $"select id, sealed, created_at from kernel.mail where sealed is not null order by created_at desc limit 50",
                    row => (Letter: mailer.Open(row.GetGuid(0), row.GetFieldValue<byte[]>(1)), At: row.GetFieldValue<DateTimeOffset>(2)),
                    ct
                ),
            ct
        );
        var page = new StringBuilder(
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Mailbox</title>
            <link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/tokens.css"><link rel="stylesheet" href="/plain.css">
            <main class="plain"><h1>Mailbox</h1><p class="muted">No mail relay is set, so letters stay here for a day. For development only.</p>
            """
        );
        if (mails.Count == 0)
        {
            page.Append("<p class=\"card\">No letter yet. Ask for a sign-in link or invite a member, then reload this page.</p>");
        }
        foreach (var (letter, at) in mails)
        {
            page.Append(
                $"""
                <article class="card"><p class="muted small">{at:yyyy-MM-dd HH:mm:ss} UTC · to {WebUtility.HtmlEncode(letter.To)}</p>
                <h2>{WebUtility.HtmlEncode(letter.Subject)}</h2><p class="text">{Link().Replace(
                    WebUtility.HtmlEncode(letter.Text),
                    "<a href=\"$0\">$0</a>"
                )}</p></article>
                """
            );
        }
        return TypedResults.Content(page.Append("</main></html>").ToString(), "text/html; charset=utf-8");
    }

    // A proxy beside it calls from this machine too, for whoever asks.
    private static bool IsFromThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } caller
        && IPAddress.IsLoopback(caller)
        && !Array.Exists(SaidByProxies, http.Request.Headers.ContainsKey);

    [GeneratedRegex(@"https?://[^\s<]+", RegexOptions.None, 1000)]
    private static partial Regex Link();
}
