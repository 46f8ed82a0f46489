namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Marketing()
    {
        const string Notice =
            "insert into privacy.consent_notice (workspace_id, id, hash, language, text, created_at) values ('{0}', '{0}', sha256(convert_to(E'en\\n{}', 'UTF8')), 'en', '{}', now());";
        const string Unchecked = "alter table privacy.marketing_consent drop constraint marketing_consent_confirmed;";
        const string Row =
            "insert into privacy.marketing_consent (workspace_id, id, email, notice_id, language, method, asked_at, link_hash, link_ends_at, used_hash, confirmed_at, withdrawal_hash, withdrawn_at, withdrawn_by) values ('{0}', '{0}', 'a@example.org', '{0}', 'en', 'form', ";
        const string Mend = """
            delete from privacy.marketing_consent; delete from privacy.consent_notice;
            alter table privacy.marketing_consent drop constraint if exists marketing_consent_confirmed;
            alter table privacy.marketing_consent add constraint marketing_consent_confirmed
              check (confirmed_at is null or (used_hash is not null and used_hash = link_hash and confirmed_at between asked_at and link_ends_at))
            """;

        Sabotage Break(string promise, string does, string breaks) => Sabotage.Sql(promise, "opt_in", does, Notice + breaks, Mend);

        yield return Break(
            "widget.10",
            "put somebody on the list who never opened the letter",
            Unchecked + Row + "now(), sha256('a'), now() + interval '1 day', null, now(), sha256('b'), null, null)"
        );
        yield return Break(
            "operations.13",
            "confirm by another link than the mailed one",
            Unchecked + Row + "now(), sha256('a'), now() + interval '1 day', sha256('c'), now(), sha256('b'), null, null)"
        );
        yield return Break(
            "operations.14",
            "keep somebody on the list who has no link to end it",
            Row + "now(), sha256('a'), now() + interval '1 day', sha256('a'), now(), null, null, null)"
        );
        yield return Break(
            "house.marketing",
            "let a link confirm for a year",
            Row + "now(), sha256('a'), now() + interval '1 year', null, null, null, null, null)"
        );
        yield return Sabotage.Sql(
            "house.ages",
            "retention",
            "keep an address that nobody confirmed",
            Notice + Row + "now() - interval '40 days', sha256('a'), now() - interval '33 days', null, null, null, null, null)",
            Mend
        );
    }
}
