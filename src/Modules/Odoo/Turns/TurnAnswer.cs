using Tenet.Assistant;
using Tenet.Odoo.Mcp;
using Tenet.Odoo.Tokens;
using Tenet.Odoo.Writes;

namespace Tenet.Odoo.Turns;

internal sealed record TurnProgress(Guid Turn, string State, string? Tool, string? Model);

internal sealed record TurnText(string Text);

internal sealed record TurnNotice(string Code, string Text);

internal sealed record TurnError(Guid Turn, string Code, string Text, bool Retry);

internal sealed record TurnDone(Guid Turn, CopilotState State, int Charged, int? CreditsLeft, string Title);

internal sealed record TurnReceiptView(
    string Provider,
    string Model,
    string Host,
    bool OwnKey,
    IEnumerable<SentFields> Sent,
    IReadOnlyList<string> DataClasses,
    IReadOnlyList<string> Stored,
    int TokensIn,
    int TokensOut,
    int ToolCalls,
    int DurationMs
);

/// <summary>An answer while it is made: filtered, with its sources, and judged at its end.</summary>
internal sealed class TurnAnswer
{
    private readonly AnswerFilter _filter;
    private readonly FigureCheck _figures = new();

    public TurnAnswer(CopilotCaller caller, TurnQuestion question, WorkspaceModel model, TurnMeter meter, TurnEvents events)
    {
        (Caller, Question, Model, Meter, Events) = (caller, question, model, meter, events);
        _filter = new AnswerFilter(
            Sources.Cite,
            url => url.GetLeftPart(UriPartial.Authority).Equals(caller.Tenant.Origin, StringComparison.OrdinalIgnoreCase),
            CopilotText.Of("removed_link", question.LanguageOrEnglish)
        );
        _figures.AddText(question.Message);
        foreach (var past in question.History ?? [])
        {
            _figures.AddText(past.Text);
        }
        var today = meter.StartedAt.UtcDateTime;
        _figures.AddText($"{today.Year} {today.Month} {today.Day}");
    }

    public CopilotCaller Caller { get; }
    public TurnQuestion Question { get; }
    public WorkspaceModel Model { get; }
    public TurnMeter Meter { get; }
    public TurnEvents Events { get; }
    public SourceBook Sources { get; } = new();

    /// <summary>How many proposals were shown.</summary>
    public int Cards { get; private set; }

    /// <summary>Takes a tool's answer as a source of figures and citations.</summary>
    public int? Take(string tool, IReadOnlyDictionary<string, object?> arguments, ToolAnswer answer)
    {
        _figures.AddResult(answer.Content);
        return Sources.Add(tool, arguments, answer);
    }

    /// <summary>What the card shows may be spoken of; the answer waits for the user then.</summary>
    public void TakeCard(WritePreview preview)
    {
        Cards++;
        _figures.AddResult(preview.Changes);
        _figures.AddText(preview.Record);
    }

    public Task SayAsync(string delta, CancellationToken ct) => ShowAsync(_filter.Push(delta), ct);

    public async Task FinishAsync(CancellationToken ct)
    {
        await ShowAsync(_filter.Finish(), ct);
        Meter.State =
            !_figures.Grounds(_filter.Text) ? CopilotState.Ungrounded
            : Cards > 0 ? CopilotState.Waiting
            : _filter.Length == 0 ? CopilotState.NotFound
            : CopilotState.Answered;
        if (Sources.HasRestricted)
        {
            await NoticeAsync("may_not_see_all", ct);
        }
        if (Meter.State == CopilotState.Ungrounded)
        {
            await NoticeAsync("ungrounded", ct);
        }
    }

    /// <summary>The last events.</summary>
    public async Task EndAsync(DateTimeOffset now, CancellationToken ct)
    {
        await Events.WriteAsync("receipt", Receipt(now), ct);
        var language = Question.LanguageOrEnglish;
        if (Meter is { State: CopilotState.Failed, Fault: { } fault })
        {
            var retry =
                fault is "model_failed" or "model_rate_limited" or "odoo_unreachable" or "odoo_slow" or "odoo_maintenance" or "internal";
            await Events.WriteAsync("error", new TurnError(Meter.TurnId, fault, CopilotText.Of(fault, language), retry), ct);
            return;
        }
        var title = CopilotText.Of("title." + CopilotTitleWord, language);
        await Events.WriteAsync("done", new TurnDone(Meter.TurnId, Meter.State, Meter.Charged, Meter.CreditsLeft, title), ct);
    }

    private string CopilotTitleWord => Kernel.Postgres.SqlValue.Text(Meter.Title);

    private TurnReceiptView Receipt(DateTimeOffset now) =>
        new(
            Model.Provider,
            Model.Model,
            Model.Host,
            OwnKey: true,
            Sources.Sent,
            Sources.Models.Count > 0 ? ["messages", "records"] : ["messages"],
            Stored: [],
            Meter.TokensIn,
            Meter.TokensOut,
            Meter.Calls.Count,
            (int)Math.Min((now - Meter.StartedAt).TotalMilliseconds, int.MaxValue)
        );

    private async Task ShowAsync(string piece, CancellationToken ct)
    {
        while (Sources.NewlyCited.TryDequeue(out var source))
        {
            await Events.WriteAsync("source", source, ct);
        }
        if (piece.Length > 0)
        {
            await Events.WriteAsync("delta", new TurnText(piece), ct);
        }
    }

    private Task NoticeAsync(string code, CancellationToken ct) =>
        Events.WriteAsync("notice", new TurnNotice(code, CopilotText.Of(code, Question.LanguageOrEnglish)), ct);
}
