using Microsoft.AspNetCore.Http.HttpResults;

namespace Tenet.Odoo.Tokens;

/// <summary>Why a token is refused. A wrong tenant, key or signature answer the same.</summary>
internal enum TokenFault
{
    Missing,
    Malformed,
    Signature,
    Expired,
    NotYet,
    Audience,
    Database,
    Replayed,
    GrantEnded,
    GrantStale,
    Disconnected,
    Origin,
}

internal static class TokenFaults
{
    public static ProblemHttpResult Problem(this TokenFault fault) =>
        fault switch
        {
            TokenFault.Missing => Of("token_missing", "This needs a token of your Odoo."),
            TokenFault.Malformed => Of("token_malformed", "This is not a token that the addon makes."),
            TokenFault.Signature => Of("token_signature", "The token is not signed by a connected Odoo. Connect it again if this stays."),
            TokenFault.Expired => Of(
                "token_expired",
                "The token has ended: ask Odoo for a new one. If this stays, check the clock of the server."
            ),
            TokenFault.NotYet => Of(
                "token_not_yet",
                "The token begins in the future: the clock of the Odoo server is ahead by more than five minutes."
            ),
            TokenFault.Audience => Of("token_audience", "The token is for another server."),
            TokenFault.Database => Of("token_database", "The token is for another database than the one that was connected."),
            TokenFault.Replayed => Of("token_replayed", "This token was used before; each is good for one request."),
            TokenFault.GrantEnded => Of("grant_ended", "The grant has ended: open a new one."),
            TokenFault.GrantStale => Of("grant_stale", "The grant was not refreshed for 15 minutes: refresh it and repeat."),
            TokenFault.Origin => CopilotProblem.Of(403, "origin", "Only pages of the connected Odoo may ask."),
            _ => CopilotProblem.Of(410, "disconnected", "This Odoo was disconnected. An admin connects it again in Odoo's settings."),
        };

    private static ProblemHttpResult Of(string code, string title) => CopilotProblem.Of(401, code, title);
}
