using System.Globalization;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Consents;

/// <summary>Who is said to have agreed has agreed, to a text that can be shown.</summary>
internal sealed class ConsentRequired(Lazy<PolicyBook> book)
    : ClaimKind(
        "consent_required",
        "What is not essential in a visitor's browser needs a consent: given by the visitor, to a text that is kept, never against the browser's signal, and anew when what it rests on changes."
    )
{
    // A yes that nobody said: neither all accepted without a signal of the browser, nor chosen by hand.
    private const string Unsaid = """
        select count(*) from (select from privacy.consent
         where (analytics or preferences) and method <> 'preferences' and not (method = 'accept_all' and signal = 'none') limit 1000) unsaid
        """;

    private const string Texts = "select language, text, hash from privacy.consent_notice";
    private const string Given =
        "select count(distinct person) from (select person from privacy.consent order by at desc limit 10000) latest";

    public override string Limits =>
        "It looks at the choices that were kept and at the texts. What a customer's own scripts do before a choice, it cannot see: the banner holds back those that are marked.";

    public override string Key(Claim claim) => "visitors";

    public override async Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct)
    {
        var versions = await book.Value.VersionsAsync(run.Policy.Name, ct);
        return await run.LookAsync(
            async ctx =>
            {
                var violations = new List<string>();
                violations.AddRange(
                    (await ConsentRenewals.UnmarkedAsync(ctx, versions, ct)).Select(version =>
                        $"Version {version} changes what consents rest on, and those given before are not marked to be asked for again."
                    )
                );
                var unsaid = await ctx.ScalarAsync<long>(Sql.Constant(Unsaid), ct);
                if (unsaid > 0)
                {
                    violations.Add(string.Create(CultureInfo.InvariantCulture, $"At least {unsaid} consents were given by nobody."));
                }
                var notices = await ctx.ListAsync(
                    Sql.Constant(Texts),
                    row => (Language: row.GetString(0), Text: row.GetString(1), Hash: row.GetFieldValue<byte[]>(2)),
                    ct
                );
                var changed = notices.Count(notice =>
                    !ConsentTexts.HashOf(notice.Language, notice.Text).AsSpan().SequenceEqual(notice.Hash)
                );
                if (changed > 0)
                {
                    violations.Add($"{changed} texts are not those that were shown when people chose.");
                }
                var persons = await ctx.ScalarAsync<long>(Sql.Constant(Given), ct);
                return Finding.Of(
                    violations,
                    persons == 0
                        ? "Nobody has chosen yet, so nothing but the essential is allowed."
                        : $"The latest choices of {persons} persons: each yes was said by the person, to one of {notices.Count} texts that are kept unchanged.",
                    persons,
                    Unsaid + ";" + Texts
                );
            },
            ct
        );
    }
}
