using System.Buffers.Text;
using System.Security.Cryptography;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>
/// Writes to the person at each step, in their language. Letters go with the transaction of the step and leave by the pump, so that nobody learns
/// from an answer's time whether somebody is known. Each letter with a link has a new one; the one before works no more.
/// </summary>
internal sealed class RequestLetters(Mailer mailer, PublicAddress address)
{
    /// <summary>How long a link can confirm a request. Afterwards the person asks anew.</summary>
    private static readonly TimeSpan ConfirmWithin = TimeSpan.FromDays(7);

    private const int SecretLength = 32;

    /// <summary>That the request came, with the link that confirms it.</summary>
    public void Confirm(WorkspaceContext ctx, string workspace, PrivacyRequest request) =>
        Send(ctx, workspace, request, "confirm", ctx.Now + ConfirmWithin, "");

    /// <summary>That the request came and is known to be the person's.</summary>
    public string Received(WorkspaceContext ctx, string workspace, PrivacyRequest request) =>
        Send(ctx, workspace, request, "received", StatusUntil(ctx), "");

    public void Question(WorkspaceContext ctx, string workspace, PrivacyRequest request, string question) =>
        Send(ctx, workspace, request, "question", StatusUntil(ctx), question);

    public void Extended(WorkspaceContext ctx, string workspace, PrivacyRequest request, string reason) =>
        Send(ctx, workspace, request, "extended", StatusUntil(ctx), reason);

    /// <param name="path">Of the copy, with its own token.</param>
    public void Copy(WorkspaceContext ctx, string workspace, PrivacyRequest request, string path, DateTimeOffset ends, string note) =>
        Write(ctx, workspace, request, "copy", new Uri(address.Own, path).AbsoluteUri, ends, note, request.Id);

    public void Erased(WorkspaceContext ctx, string workspace, PrivacyRequest request, Guid certificate) =>
        Write(ctx, workspace, request, "erased", "", ctx.Now, "", certificate);

    public void Done(WorkspaceContext ctx, string workspace, PrivacyRequest request, string answer) =>
        Write(ctx, workspace, request, "done", "", ctx.Now, answer, request.Id);

    public void Denied(WorkspaceContext ctx, string workspace, PrivacyRequest request, string reason) =>
        Write(ctx, workspace, request, "denied", "", ctx.Now, reason, request.Id);

    public void Withdrawn(WorkspaceContext ctx, string workspace, PrivacyRequest request) =>
        Write(ctx, workspace, request, "withdrawn", "", ctx.Now, "", request.Id);

    /// <returns>The token names the workspace; null when a text is no token.</returns>
    public static (Guid Workspace, byte[] Hash)? Read(string token) => Exports.BeginPersonExport.Read(token);

    private static DateTimeOffset StatusUntil(WorkspaceContext ctx) => ctx.Now.AddDays(120);

    private string Send(WorkspaceContext ctx, string workspace, PrivacyRequest request, string letter, DateTimeOffset ends, string note)
    {
        var secret = Secrets.Bytes(SecretLength);
        (request.TokenHash, request.TokenEndsAt) = (SHA256.HashData(secret), ends);
        var token = Base64Url.EncodeToString([.. ctx.WorkspaceId.ToByteArray(), .. secret]);
        Write(ctx, workspace, request, letter, new Uri(address.Own, "/privacy/requests/" + token).AbsoluteUri, ends, note, request.Id);
        return token;
    }

    private void Write(
        WorkspaceContext ctx,
        string workspace,
        PrivacyRequest request,
        string letter,
        string link,
        DateTimeOffset ends,
        string note,
        Guid number
    )
    {
        if (request.Email is not { } to)
        {
            return;
        }
        var texts = RequestTexts.Of(request.Language);
        (string, string)[] values =
        [
            ("workspace", workspace),
            ("kind", texts.Of(request.Kind)),
            ("link", link),
            ("ends", texts.Day(ends)),
            ("due", texts.Day(request.DueAt)),
            ("note", note),
            ("ground", request.DeniedFor is { } ground ? texts.Of(ground) : ""),
            ("number", number.ToString("D")),
        ];
        var text = texts.Fill(letter + ".text", values).TrimEnd();
        mailer.Send(
            ctx,
            new Letter(
                to,
                texts.Fill(letter + ".subject", values),
                letter is "erased" ? text : text + "\n\n" + texts.Fill("number", ("number", request.Id.ToString("D")))
            )
        );
    }
}
