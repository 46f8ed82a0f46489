using Npgsql;
using Tenet.Assistant;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Answers;

/// <param name="TurnId">Null when a person holds the conversation: nobody answers by machine.</param>
internal sealed record AcceptedMessage(Guid MessageId, Guid ConversationId, Guid? TurnId);

/// <summary>Takes a visitor's message: one round trip stores it with the watch over its turn, then the turn starts.</summary>
internal sealed class ReceiveMessage(WorkspaceScope door, AnswerTurn turns, ConversationFeed feed, TimeProvider time)
{
    private const int HistoryLength = 12;

    public async Task<AcceptedMessage> RunAsync(
        Guid workspaceId,
        Guid visitorId,
        Guid clientId,
        string text,
        string language,
        string? pageUrl,
        string? pageTitle,
        CancellationToken ct
    )
    {
        ct.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var received = new ReceivedMessage(
            Guid.CreateVersion7(now),
            Guid.CreateVersion7(now),
            Guid.CreateVersion7(now),
            visitorId,
            clientId,
            text,
            pageUrl,
            pageTitle
        );
        ((Guid Id, long Seq, bool AsksTurn) Stored, List<TurnMessage> History) result;
        try
        {
            // A caller that leaves at this moment must not leave a stored question without its turn.
            result = await StoreAsync(workspaceId, received, CancellationToken.None);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "message_by_client" })
        {
            return await AlreadyAcceptedAsync(workspaceId, visitorId, clientId, ct);
        }
        catch (PostgresException e) when (e is { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            // Erased between the token's last use and this message: nothing of it is stored.
            throw new Kernel.Http.NotFoundException("visitor");
        }
        var (stored, history) = result;
        Guid? turnId = stored.AsksTurn ? received.TurnId : null;
        feed.Publish(
            workspaceId,
            visitorId,
            new MessagePosted(
                new Message
                {
                    ConversationId = stored.Id,
                    Seq = stored.Seq,
                    Id = received.Id,
                    ClientId = clientId,
                    Author = MessageAuthor.Visitor,
                    AuthorId = visitorId,
                    Text = text,
                    TurnId = turnId,
                    At = now,
                }
            )
        );
        if (stored.AsksTurn)
        {
            // The newest entry of the history is the question itself.
            var input = new TurnInput(workspaceId, received.TurnId, text, history[..^1], language, pageUrl);
            turns.Start(new PendingTurn(stored.Id, visitorId, input));
        }
        return new AcceptedMessage(received.Id, stored.Id, turnId);
    }

    private Task<((Guid, long, bool), List<TurnMessage>)> StoreAsync(Guid workspaceId, ReceivedMessage received, CancellationToken ct) =>
        door.BatchAsync(
            workspaceId,
            Actor.Visitor(received.VisitorId),
            batch =>
            {
                batch.Add(ConversationStatements.Receive(received, batch.Now));
                batch.Add(ConversationStatements.History(received.VisitorId, HistoryLength));
                batch.Enqueue(AnswerWatch.Kind, received.TurnId, AnswerWatch.Patience, AnswerWatch.KeyOf(received.TurnId));
                batch.Publish(Topics.Said, received.VisitorId);
            },
            async results =>
            {
                var stored = await results.FirstOrDefaultAsync(row => (row.GetGuid(0), row.GetInt64(1), row.GetBoolean(2)), ct);
                var history = await results.ListAsync(ReadHistory, ct);
                history.Reverse();
                return (stored, history);
            },
            ct
        );

    internal static TurnMessage ReadHistory(NpgsqlDataReader row) =>
        new(
            SqlValue.Enum<MessageAuthor>(row.GetString(0)) switch
            {
                MessageAuthor.Visitor => TurnSpeaker.Visitor,
                MessageAuthor.Member => TurnSpeaker.Member,
                _ => TurnSpeaker.Assistant,
            },
            row.GetString(1)
        );

    private Task<AcceptedMessage> AlreadyAcceptedAsync(Guid workspaceId, Guid visitorId, Guid clientId, CancellationToken ct) =>
        door.RunAsync(
            workspaceId,
            Actor.Visitor(visitorId),
            async ctx =>
                await ctx.FirstOrDefaultAsync(
                    $"""
                    select m.id, m.conversation_id, m.turn_id
                      from inbox.conversation c
                      join inbox.message m on m.workspace_id = c.workspace_id and m.conversation_id = c.id
                     where c.visitor_id = {visitorId} and c.current and m.client_id = {clientId}
                    """,
                    row => new AcceptedMessage(row.GetGuid(0), row.GetGuid(1), row.ValueOrNull<Guid>(2)),
                    ct
                ) ?? throw new Kernel.Http.ConflictException("This message was sent twice while the conversation changed. Send it again."),
            ct
        );
}
