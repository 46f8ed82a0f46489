using Tenet.Kernel.Policies;

namespace Tenet.Inbox.Widget;

/// <summary>What lets a visitor be who they were: a token of this installation, a signature of the customer's site. How long stands in the policy.</summary>
internal static class VisitorClocks
{
    public const string Token = "visitor_token";
    public const string Identity = "signed_identity";

    public static IEnumerable<TokenClock> All { get; } =
    [
        new(Token, most => $"select count(*) from (select from inbox.visitor where token_expires_at > {most} limit 1000) longer")
        {
            OfWorkspace = true,
        },
        // How old a signature was when it was believed. The moment is as far ahead as the age that is allowed.
        new(
            Identity,
            most =>
                $"select count(*) from (select from inbox.visitor where identity_believed_at - identity_signed_at > {most}::timestamptz - now() limit 1000) longer"
        )
        {
            OfWorkspace = true,
        },
    ];
}
