using Npgsql;

namespace Tenet.Benchmarks;

/// <summary>A busy workspace, written by the database's owner: nine parts of ten are messages and receipts of turns, the rest what they belong to.</summary>
internal static class VerifyRows
{
    public static async Task FillAsync(string connectionString, Guid workspace, long rows, CancellationToken ct)
    {
        await using var admin = new NpgsqlConnection(connectionString);
        await admin.OpenAsync(ct);
        await using var there = new NpgsqlCommand($"select exists (select from inbox.visitor where workspace_id = '{workspace}')", admin);
        if (await there.ExecuteScalarAsync(ct) is true)
        {
            return;
        }
        await using var fill = new NpgsqlCommand(Statements(workspace, rows / 100), admin) { CommandTimeout = 0 };
        await fill.ExecuteNonQueryAsync(ct);
        foreach (var table in (string[])["inbox.visitor", "inbox.conversation", "inbox.message", "assistant.turn", "audit.entry"])
        {
            await using var vacuum = new NpgsqlCommand($"vacuum analyze {table}", admin) { CommandTimeout = 0 };
            await vacuum.ExecuteNonQueryAsync(ct);
        }
    }

    // Of a hundred rows: 2 visitors, 8 conversations, 70 messages, 15 receipts of turns, 5 entries of the audit trail that wait for their link.
    private static string Statements(Guid workspace, long hundredth) =>
        $"""
            set synchronous_commit = off;
            insert into inbox.visitor (workspace_id, id, external_id, verified, language, created_at, seen_at)
            select '{workspace}', {Id(1, "n")}, 'customer-' || n, true, 'en', now() - {Age("n", hundredth * 2)}, now() - {Age(
                "n",
                hundredth * 2
            )}
              from generate_series(0, {(hundredth * 2) - 1}) n;
            insert into inbox.conversation (workspace_id, id, visitor_id, channel, current, state, mode, last_seq, last_message_at, preview, created_at)
            select '{workspace}', {Id(2, "n")}, {Id(1, "n / 4")}, 'widget', false, 'resolved', 'ai', 9, now() - {Age(
                "n",
                hundredth * 8
            )}, '',
                   now() - {Age("n", hundredth * 8)}
              from generate_series(0, {(hundredth * 8) - 1}) n;
            insert into inbox.message (workspace_id, conversation_id, seq, id, author, kind, text, at)
            select '{workspace}', {Id(2, "n / 9")}, n % 9, {Id(
                3,
                "n"
            )}, 'visitor', 'message', 'Where is my parcel ' || n || '? It should have come last week.',
                   now() - {Age("n", hundredth * 70)}
              from generate_series(0, {(hundredth * 70) - 1}) n;
            insert into assistant.turn (workspace_id, id, origin, state, started_at, completed_at, provider, model, recipients, data_classes)
            select '{workspace}', {Id(4, "n")}, 'conversation', 'answered', now() - {Age("n", hundredth * 15)}, now() - {Age(
                "n",
                hundredth * 15
            )},
                   'excerpts', 'excerpts', '{"{}"}', '{"{}"}'
              from generate_series(0, {(hundredth * 15) - 1}) n;
            insert into audit.entry (workspace_id, id, at, actor_kind, action, subject_kind, subject_id, salt, commitment)
            select '{workspace}', {Id(5, "n")}, now() - {Age("n", hundredth * 5)}, 'system', 'conversation.resolved', 'conversation', {Id(
                2,
                "n"
            )}, '\x00', '\x00'
              from generate_series(0, {(hundredth * 5) - 1}) n
            """;

    // In the order of time, as the ids that the code makes are.
    private static string Id(int kind, string number) => $"('0199{kind:x4}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid";

    // Over the last 80 days: none has reached its end.
    private static string Age(string number, long of) => $"interval '80 days' * (1 - {number}::float8 / {of})";
}
