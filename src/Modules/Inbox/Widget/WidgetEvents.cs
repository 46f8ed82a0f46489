using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Tenet.Accounts;
using Tenet.Inbox.Answers;
using Tenet.Kernel.Http;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Workspaces;

namespace Tenet.Inbox.Widget;

/// <summary>The visitor's stream of server-sent events: what was missed since Last-Event-ID, the answer under way, then everything as it happens.</summary>
internal sealed class WidgetEvents(
    WorkspaceScope door,
    ConversationFeed feed,
    IOptions<JsonOptions> json,
    Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime
)
{
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);
    private static readonly byte[] Ping = ": ping\n\n"u8.ToArray();
    private readonly WorkspaceScope _door = door;
    private readonly JsonSerializerOptions _json = json.Value.SerializerOptions;

    public async Task StreamAsync(HttpContext http, string language)
    {
        var (workspaceId, actor) = http.Caller();
        var visitorId = actor.Id!.Value;
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        http.Response.ContentType = "text/event-stream; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using var reader = feed.Join(workspaceId, visitorId);
        var stream = new Reader(
            this,
            http.Response,
            workspaceId,
            visitorId,
            language,
            EventId.Parse(http.Request.Headers["Last-Event-ID"])
        );
        Signals.Streams.Add(1);
        try
        {
            await stream.CatchUpAsync(always: true, ending.Token);
            await stream.ShowAsync(reader.Turn, ending.Token);
            await PumpAsync(reader.Items, stream, http.Response, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader left, or this node stops: it resumes elsewhere.
        }
        finally
        {
            Signals.Streams.Add(-1);
        }
    }

    private static async Task PumpAsync(ChannelReader<FeedItem> items, Reader stream, HttpResponse response, CancellationToken ct)
    {
        Task<bool>? waiting = null;
        Task? ping = null;
        while (true)
        {
            waiting ??= items.WaitToReadAsync(ct).AsTask();
            ping ??= Task.Delay(PingEvery, ct);
            if (await Task.WhenAny(waiting, ping) != waiting)
            {
                ping = null;
                await response.Body.WriteAsync(Ping, ct);
                await response.Body.FlushAsync(ct);
                continue;
            }
            if (!await waiting)
            {
                return;
            }
            waiting = null;
            while (items.TryRead(out var item))
            {
                await stream.ShowAsync(item, ct);
            }
            await response.Body.FlushAsync(ct);
        }
    }

    /// <summary>One reader's position.</summary>
    private sealed class Reader(
        WidgetEvents owner,
        HttpResponse response,
        Guid workspaceId,
        Guid visitorId,
        string language,
        EventId? position
    )
    {
        private Guid _conversation;
        private long _seq = position?.Seq ?? 0;
        private EventId? _position = position;

        /// <summary>Sends what is stored and was not sent yet.</summary>
        public async Task CatchUpAsync(bool always, CancellationToken ct)
        {
            var current = await owner._door.RunAsync(
                workspaceId,
                Actor.Visitor(visitorId),
                ctx => ReadConversation.CurrentAsync(ctx, visitorId, language, _position, ct),
                ct
            );
            if (current is null)
            {
                if (always)
                {
                    await response.Body.WriteAsync(Ping, ct);
                    await response.Body.FlushAsync(ct);
                }
                return;
            }
            Moved(current.Conversation.Id, current.LastSeq);
            foreach (var message in current.Messages)
            {
                await WriteAsync("message", message, EventId.Of(_conversation, message.Seq), ct);
            }
            await WriteAsync("conversation", current.State, null, ct);
            await response.Body.FlushAsync(ct);
        }

        public async Task ShowAsync(LiveTurn? turn, CancellationToken ct)
        {
            if (turn is null)
            {
                return;
            }
            await WriteAsync("status", new { turn.TurnId, turn.Line }, null, ct);
            await WriteAsync(
                "delta",
                new
                {
                    turn.TurnId,
                    Offset = 0,
                    turn.Text,
                },
                EventId.Of(_conversation, _seq, turn.TurnId, 0),
                ct
            );
            await response.Body.FlushAsync(ct);
        }

        public Task ShowAsync(FeedItem item, CancellationToken ct) =>
            item switch
            {
                MessagePosted posted => ShowAsync(posted.Message, ct),
                TurnProgress progress => WriteAsync("status", new { progress.TurnId, progress.Line }, null, ct),
                AnswerDelta delta => WriteAsync(
                    "delta",
                    new
                    {
                        delta.TurnId,
                        delta.Offset,
                        delta.Text,
                    },
                    EventId.Of(_conversation, _seq, delta.TurnId, delta.Offset),
                    ct
                ),
                AnswerNotice notice => WriteAsync(
                    "notice",
                    new
                    {
                        notice.TurnId,
                        notice.Code,
                        notice.Text,
                    },
                    null,
                    ct
                ),
                // The stored answer, or the conversation's new state, says the same to the visitor.
                TurnEnded => Task.CompletedTask,
                MemberTyping typing => WriteAsync("typing", new { typing.Name }, null, ct),
                _ => CatchUpAsync(always: false, ct),
            };

        private async Task ShowAsync(Message message, CancellationToken ct)
        {
            // A gap (a note, another node's message) or another conversation is read from the database.
            var next = message.ConversationId == _conversation ? message.Seq == _seq + 1 : message.Seq == 1;
            if (message.ConversationId == _conversation && message.Seq <= _seq)
            {
                return;
            }
            if (!next || message.Author is MessageAuthor.Member or MessageAuthor.System)
            {
                await CatchUpAsync(always: false, ct);
                return;
            }
            Moved(message.ConversationId, message.Seq);
            if (MessageView.Of(message, null, language) is { } view)
            {
                await WriteAsync("message", view, EventId.Of(_conversation, view.Seq), ct);
            }
        }

        private void Moved(Guid conversation, long seq)
        {
            (_conversation, _seq) = (conversation, seq);
            _position = EventId.Parse(EventId.Of(conversation, seq));
        }

        private async Task WriteAsync<T>(string name, T data, string? id, CancellationToken ct)
        {
            var text = new StringBuilder();
            if (id is not null)
            {
                text.Append("id: ").Append(id).Append('\n');
            }
            text.Append("event: ").Append(name).Append("\ndata: ").Append(JsonSerializer.Serialize(data, owner._json)).Append("\n\n");
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), ct);
        }
    }
}
