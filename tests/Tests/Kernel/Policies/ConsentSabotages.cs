namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private static IEnumerable<Sabotage> Consents()
    {
        const string Notice =
            "insert into privacy.consent_notice (workspace_id, id, hash, language, text, created_at) values ('{0}', '{0}', sha256(convert_to(E'en\\n{}', 'UTF8')), 'en', '{}', now());";
        const string Unchecked = "alter table privacy.consent drop constraint consent_check;";
        const string Consent =
            "insert into privacy.consent (workspace_id, id, person, notice_id, analytics, preferences, method, signal, at) values ('{0}', '{0}', '{0}', '{0}', true, false, ";
        const string Mend = """
            delete from privacy.consent; delete from privacy.consent_notice;
            alter table privacy.consent drop constraint if exists consent_check;
            alter table privacy.consent add constraint consent_check
              check (not (analytics or preferences) or method = 'preferences' or (method = 'accept_all' and signal = 'none'))
            """;

        yield return Sabotage.Sql(
            "widget.23",
            "consent_required",
            "take a browser's refusal for a consent",
            Notice + Unchecked + Consent + "'signal', 'gpc', now())",
            Mend
        );
        yield return Sabotage.Sql(
            "widget.23",
            "consent_required",
            "accept all in the name of who asks not to be tracked",
            Notice + Unchecked + Consent + "'accept_all', 'dnt', now())",
            Mend
        );
        yield return Sabotage.Sql(
            "operations.11",
            "consent_required",
            "change the text that people agreed to",
            Notice + Consent + "'accept_all', 'none', now()); update privacy.consent_notice set text = '{\"more\":\"\"}'",
            Mend
        );
    }
}
