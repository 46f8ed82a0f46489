using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tenet.Kernel.Http;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Alerts;

/// <summary>Posts one alert to its receiver by Standard Webhooks. Any status of 2xx means that it was taken; all else is tried again.</summary>
internal sealed class SendAlert(WorkspaceScope door, AlertHooks hooks, OperatorOptions options, Egress egress, TimeProvider time) : IJob
{
    public const string Kind = "privacy.webhook";

    /// <summary>Over about a day, most of them ten minutes apart.</summary>
    public const int Attempts = 150;

    // Whoever gets it is the customer's own receiver, and no person's data is in it.
    private static readonly EgressPolicy Customers = new("alerts")
    {
        MaxBytes = 64_000,
        TotalTime = TimeSpan.FromSeconds(15),
        IsRecipient = false,
    };

    private readonly EgressPolicy _operators = Customers with
    {
        Name = "alerts to the operator",
        OperatorHost = options.AlertUrl is { } url ? $"{url.IdnHost}:{url.Port}" : null,
    };

    private sealed record Parcel(Uri Url, WebhookSecret Secret, string Id, byte[] Body, EgressPolicy Policy);

    public async Task RunAsync(JobRun job, CancellationToken ct)
    {
        var parcel = await door.RunAsync(job.WorkspaceId, Actor.System, ctx => PackAsync(ctx, job.SubjectId, ct), ct);
        if (parcel is null)
        {
            return;
        }
        var (taken, outcome) = await PostAsync(parcel, ct);
        await NoteAsync(job, taken ? AlertState.Delivered : AlertState.Waiting, outcome, ct);
        if (!taken)
        {
            throw new AlertNotTakenException();
        }
    }

    public Task GiveUpAsync(JobRun job, CancellationToken ct) =>
        door.RunAsync(
            job.WorkspaceId,
            Actor.System,
            ctx =>
                ctx.ExecuteAsync(
                    $"update privacy.alert_message set state = 'given_up' where id = {job.SubjectId} and state = 'waiting'",
                    ct
                ),
            ct
        );

    private async Task<Parcel?> PackAsync(WorkspaceContext ctx, Guid id, CancellationToken ct)
    {
        if (await AlertMessages.FindWaitingAsync(ctx, id, ct) is not { } message)
        {
            return null;
        }
        var address =
            message.Receiver == AlertReceiver.Workspace ? await hooks.OpenAsync(ctx, ct)
            : options is { AlertUrl: { } url } && WebhookSecret.Parse(options.AlertSecret) is { } secret ? (url, secret)
            : default((Uri Url, WebhookSecret Secret)?);
        if (address is not { } to)
        {
            await AlertMessages.TriedAsync(ctx, id, AlertState.GivenUp, "no_address", ct);
            return null;
        }
        var name = $"msg_{id:N}";
        var body = JsonSerializer.SerializeToUtf8Bytes(await DescribeAsync(ctx, message, name, ct), AlertJson.Default.AlertEvent);
        return new Parcel(to.Url, to.Secret, name, body, message.Receiver == AlertReceiver.Operator ? _operators : Customers);
    }

    private static async Task<AlertEvent> DescribeAsync(WorkspaceContext ctx, AlertMessage message, string name, CancellationToken ct)
    {
        if (message.IncidentId is not { } id || await Incidents.FindAsync(ctx, id, ct) is not { } incident)
        {
            return new AlertEvent(name, "policy.alert.test", message.HappenedAt, new AlertData(ctx.WorkspaceId));
        }
        return message.Type == AlertType.Broken
            ? new AlertEvent(
                name,
                "policy.promise.broken",
                message.HappenedAt,
                new AlertData(ctx.WorkspaceId, id, incident.PromiseId, "broken", incident.Says)
            )
            : new AlertEvent(
                name,
                "policy.promise.recovered",
                message.HappenedAt,
                new AlertData(ctx.WorkspaceId, id, incident.PromiseId, "holds", "The latest look saw it hold again.")
            );
    }

    private async Task<(bool Taken, string Outcome)> PostAsync(Parcel parcel, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, parcel.Url) { Content = new ByteArrayContent(parcel.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", parcel.Id);
        request.Headers.Add("webhook-timestamp", now.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", parcel.Secret.Sign(parcel.Id, now, parcel.Body));
        try
        {
            using var answer = await egress.Client(parcel.Policy).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return (answer.IsSuccessStatusCode, ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture));
        }
        catch (EgressException e)
        {
            return (false, JsonNamingPolicy.SnakeCaseLower.ConvertName(e.Failure.ToString()));
        }
        catch (HttpRequestException e)
        {
            var failure = (e.InnerException as EgressException)?.Failure;
            return (false, failure is { } known ? JsonNamingPolicy.SnakeCaseLower.ConvertName(known.ToString()) : "no_answer");
        }
    }

    private Task NoteAsync(JobRun job, AlertState state, string outcome, CancellationToken ct) =>
        door.RunAsync(job.WorkspaceId, Actor.System, ctx => AlertMessages.TriedAsync(ctx, job.SubjectId, state, outcome, ct), ct);
}

/// <summary>The receiver did not take an alert. What it answered stands with the message.</summary>
internal sealed class AlertNotTakenException() : Exception("The receiver did not take the alert.");

internal sealed record AlertEvent(string Id, string Type, DateTimeOffset Time, AlertData Data);

/// <param name="State">broken, or holds.</param>
/// <param name="Evidence">What the look saw: names of tables, counts, times.</param>
internal sealed record AlertData(
    Guid Workspace,
    Guid? Incident = null,
    string? Promise = null,
    string? State = null,
    string? Evidence = null
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(AlertEvent))]
internal sealed partial class AlertJson : JsonSerializerContext;
