using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Trust;

/// <summary>Under which heading a promise is shown: by the kind of its first claim.</summary>
internal static class Topics
{
    private const string Vouched = "What people vouch for";
    private const string NotYet = "Not built yet";

    private static readonly (string Title, string[] Kinds)[] All =
    [
        ("Keeping and deleting", ["retention", "erasure_deadline", "log_retention", "audit_retention"]),
        ("What is stored, and what is not", ["kept_only", "never_stored", "only_in", "no_store", "cookies", "log_contents"]),
        ("Keeping apart and sealing", ["isolation", "envelope_encryption", "transport", "owner_only"]),
        ("Who gets in", ["token_lifetime", "rate_limit", "second_factor"]),
        ("The assistant, sites and recipients", ["provider_choice", "content_context", "crawl_authorised", "subprocessors"]),
        ("Rights and duties", ["legal_basis", "change_notice", "audit_per_action", "consent_required", "opt_in", "children", "age_gate"]),
    ];

    private static readonly string[] Order = [.. All.Select(topic => topic.Title), "More", Vouched, NotYet];

    public static IEnumerable<IGrouping<string, PromiseReport>> Of(IEnumerable<PromiseReport> promises) =>
        promises.GroupBy(report => Title(report.Promise), StringComparer.Ordinal).OrderBy(group => Array.IndexOf(Order, group.Key));

    public static IEnumerable<IGrouping<string, Promise>> Of(IEnumerable<Promise> promises) =>
        promises.GroupBy(Title, StringComparer.Ordinal).OrderBy(group => Array.IndexOf(Order, group.Key));

    private static string Title(Promise promise) =>
        promise.Claims.Count == 0 ? NotYet
        : promise.Claims.All(claim => claim.Kind.Strength == Strength.Attestation) ? Vouched
        : Array.Find(All, topic => topic.Kinds.Contains(promise.Claims[0].Kind.Name, StringComparer.Ordinal)).Title ?? "More";
}
