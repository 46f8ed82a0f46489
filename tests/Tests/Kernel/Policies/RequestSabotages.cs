namespace Tenet.Tests.Kernel.Policies;

internal static partial class Sabotages
{
    private const string Request =
        "insert into privacy.request (workspace_id, id, regime, kind, state, source, identity, language, repeated,"
        + " verified_at, received_at, acknowledged_at, responded_at, acknowledge_by, respond_by, due_at, extended_at, closed_at)"
        + " values ('{0}', '{0}', 'gdpr', 'access', ";

    private const string NoRequest = "delete from privacy.request";

    private static IEnumerable<Sabotage> Requests()
    {
        Sabotage Late(string promise, string does, string values) =>
            Sabotage.Sql(promise, "response_clock", does, Request + values + ")", NoRequest);

        const string Verified = "'verified', 'form', 'link', 'en', false, now() - interval '20 days', ";
        const string Done = "'done', 'form', 'link', 'en', false, now() - interval '80 days', ";
        yield return Late(
            "widget.21",
            "acknowledge a request after three days",
            Verified + "now() - interval '3 days', now(), now(), now(), now(), now(), null, null"
        );
        yield return Late(
            "widget.21",
            "answer nothing for two weeks",
            Verified + "now() - interval '14 days', now() - interval '14 days', null, now(), now(), now(), null, null"
        );
        yield return Late(
            "operations.23",
            "leave a request open for 31 days",
            Verified + "now() - interval '31 days', now() - interval '31 days', now() - interval '30 days', now(), now(), now(), null, null"
        );
        yield return Late(
            "copilot.25",
            "close a request after 31 days",
            Done
                + "now() - interval '32 days', now() - interval '32 days', now() - interval '31 days', now(), now(), now(), null, now() - interval '12 hours'"
        );
        yield return Late(
            "widget.21",
            "take 61 days after an extension",
            Done
                + "now() - interval '62 days', now() - interval '62 days', now() - interval '61 days', now(), now(), now(), now() - interval '40 days', now() - interval '12 hours'"
        );
        yield return Late(
            "operations.23",
            "set a deadline later than promised",
            Verified + "now(), now(), now(), now(), now(), now() + interval '45 days', null, null"
        );
        yield return Sabotage.Sql(
            "house.ages",
            "retention",
            "keep a request for years after it was closed",
            Request + Done + "now() - interval '3 years', now(), now(), now(), now(), now(), null, now() - interval '3 years')",
            NoRequest
        );
        yield return Sabotage.Sql(
            "widget.18",
            "rights_api",
            "let the application write no requests",
            "revoke insert on privacy.request from tenet_app",
            "grant insert on privacy.request to tenet_app"
        );
        yield return Sabotage.Sql(
            "widget.20",
            "rights_api",
            "take no requests of Californians",
            "alter table privacy.request drop constraint request_kind_check; alter table privacy.request add constraint request_kind_check check (kind in ('access', 'portability', 'rectification', 'erasure', 'restriction', 'objection', 'human_review'))",
            "alter table privacy.request drop constraint request_kind_check; alter table privacy.request add constraint request_kind_check check (kind in ('access', 'portability', 'rectification', 'erasure', 'restriction', 'objection', 'human_review', 'know', 'delete', 'opt_out', 'limit'))"
        );
    }
}
