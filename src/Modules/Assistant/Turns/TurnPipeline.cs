using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tenet.Knowledge;

namespace Tenet.Assistant;

internal delegate ValueTask<AssistantProfile> LoadProfile(Guid workspaceId, CancellationToken ct);

/// <summary>
/// One message in, one streamed answer out: limits, retrieval, model and tools, citations, receipt. It stores nothing and holds no
/// transaction. A model that fails is not the visitor's problem: the workspace's own pages answer instead, with a notice.
/// </summary>
public sealed partial class TurnPipeline
{
    internal const int MaxQuestion = 4000;
    internal const int Top = 6;
    private const int MostReads = 3;
    private readonly LoadProfile profiles;
    private readonly FindPassages find;
    private readonly AssistantTools tools;
    private readonly TokenBudget budget;
    private readonly TurnPatience patience;
    private readonly TimeProvider time;
    private readonly ILogger<TurnPipeline> logger;
    private readonly ModelOpening opening;

    internal TurnPipeline(
        LoadProfile profiles,
        FindPassages find,
        AssistantTools tools,
        TokenBudget budget,
        TurnPatience patience,
        TimeProvider time,
        ILogger<TurnPipeline> logger
    )
    {
        (this.profiles, this.find, this.tools, this.budget) = (profiles, find, tools, budget);
        (this.patience, this.time, this.logger) = (patience, time, logger);
        opening = new ModelOpening(patience, time);
    }

    /// <summary>Runs one turn. Exactly one <see cref="TurnCompleted"/> comes, last; a cancelled run throws instead.</summary>
    public IAsyncEnumerable<TurnUpdate> RunAsync(TurnInput input, CancellationToken ct) =>
        AnswerAsync(input, ct).MeasureAsync(input, time, ct);

    /// <summary>How a turn ends that no host could bring to an end: an apology in the visitor's language.</summary>
    public TurnOutcome GiveUp(TurnInput input)
    {
        var turn = new Turn(input, time);
        turn.Say(turn.Phrases.Failed);
        return turn.Complete(TurnState.Failed).Outcome;
    }

    private async IAsyncEnumerable<TurnUpdate> AnswerAsync(TurnInput input, [EnumeratorCancellation] CancellationToken ct)
    {
        var turn = new Turn(input, time);
        yield return new TurnStatus("searching");
        if (!await PrepareAsync(turn, ct))
        {
            yield return turn.Say(turn.Phrases.Failed);
            yield return turn.Complete(TurnState.Failed);
            yield break;
        }
        if (turn.Direct is { } direct)
        {
            yield return turn.Say(direct.Text);
            yield return turn.Complete(direct.State);
            yield break;
        }
        yield return new TurnStatus("reading");
        if (turn.Profile.Client is not null && turn.Fallback is null)
        {
            await foreach (var update in AskModelAsync(turn, ct))
                yield return update;
            if (turn.IsComplete)
                yield break;
        }
        yield return new TurnStatus("writing");
        var excerpts = await ExcerptsAsync(turn, ct);
        foreach (var piece in excerpts is null ? [] : Pieces(excerpts.Text))
        {
            if (turn.Filter.Push(piece) is { Length: > 0 } shown)
                yield return new TurnDelta(shown);
        }
        if (turn.Filter.Finish() is { Length: > 0 } rest)
            yield return new TurnDelta(rest);
        if (excerpts is null)
            yield return turn.Say(turn.Phrases.NotFound);
        yield return turn.Complete(excerpts is null ? TurnState.NotFound : TurnState.Answered);
    }

    /// <summary>Settings, passages, budget. False when the workspace's own store cannot be asked, nor a moment later.</summary>
    private async Task<bool> PrepareAsync(Turn turn, CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await ReadAsync(turn, ct);
                return true;
            }
            catch (NpgsqlException) when (tries < MostReads && !ct.IsCancellationRequested)
            {
                // The server was restarted: every pooled connection is broken, and new ones are not.
                await Task.Delay(patience.RetryDelay * tries, time, ct);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                StoreFailed(turn.Input.WorkspaceId, turn.Input.TurnId, e.GetType().Name, e.StackTrace);
                return false;
            }
        }
    }

    private async Task ReadAsync(Turn turn, CancellationToken ct)
    {
        var (input, workspaceId) = (turn.Input, turn.Input.WorkspaceId);
        turn.Profile = await profiles(workspaceId, ct);
        turn.Direct = Directly(turn);
        if (turn.Direct is not null)
            return;
        if (turn.Profile.Client is not null && !await budget.IsLeftAsync(turn.Profile, workspaceId, ct))
        {
            turn.Fallback = ModelFault.OverBudget;
            turn.Direct =
                turn.Profile.OverBudget == OverBudgetAnswer.AskPerson ? (TurnState.OverBudget, turn.Phrases.OverBudget) : Courtesy(turn);
            if (turn.Direct is not null)
                return;
        }
        // The pages' own sentences are chosen from more passages than a prompt should hold.
        var isModel = turn.Profile.Client is not null && turn.Fallback is null;
        turn.Book.Add(await find(workspaceId, input.Question, isModel ? Top : 4 * Top, ct));
        if (turn.Profile.Client is not null && turn.FollowUp is { } followUp && turn.IsShort)
            turn.Book.Add(await find(workspaceId, followUp, Top / 2, ct));
    }

    /// <summary>Answers that need neither a model nor pages.</summary>
    private static (TurnState State, string Text)? Directly(Turn turn)
    {
        var question = turn.Input.Question;
        if (question.Length > MaxQuestion)
            return (TurnState.Failed, string.Format(CultureInfo.InvariantCulture, turn.Phrases.TooLong, MaxQuestion));
        if (Intent.AsksForPerson(question) || (turn.IsAfterOffer && Intent.Agrees(question)))
            return (TurnState.HandedOff, turn.Phrases.HandedOff);
        if (string.IsNullOrWhiteSpace(question))
            return (TurnState.Answered, turn.Phrases.Greeting);
        return turn.Profile.Client is null ? Courtesy(turn) : null;
    }

    /// <summary>A greeting or thanks, returned where no model does it.</summary>
    private static (TurnState State, string Text)? Courtesy(Turn turn)
    {
        if (Intent.IsGreeting(turn.Input.Question))
            return (TurnState.Answered, turn.Phrases.Greeting);
        if (Intent.AsksWhoAnswers(turn.Input.Question))
            return (TurnState.Answered, turn.Phrases.WhoAnswers);
        var isDeclined = turn.IsAfterOffer && Intent.Declines(turn.Input.Question);
        return isDeclined || Intent.IsThanks(turn.Input.Question) ? (TurnState.Answered, turn.Phrases.Thanks) : null;
    }

    /// <summary>Ends the turn, or leaves it open for the pages with <see cref="Turn.Fallback"/> set.</summary>
    private async IAsyncEnumerable<TurnUpdate> AskModelAsync(Turn turn, [EnumeratorCancellation] CancellationToken ct)
    {
        using var firstText = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var left = patience.FirstText - turn.Elapsed;
        firstText.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        await using var run = new ModelRun(turn.Profile, turn.Input, tools, turn.Book, turn.Filter, opening, firstText);
        while (await run.NextAsync(ct) is { } piece)
        {
            if (!turn.IsWriting)
                yield return new TurnStatus("writing");
            turn.IsWriting = true;
            yield return new TurnDelta(piece);
        }
        turn.Asked(run);
        budget.Add(turn.Input.WorkspaceId, run.TokensIn + run.TokensOut);
        if (run.Fault is { } fault)
        {
            var unexpected = run.Unexpected;
            ModelFailed(
                turn.Input.WorkspaceId,
                turn.Input.TurnId,
                turn.Profile.Provider,
                fault,
                run.Attempts,
                unexpected?.GetType().Name,
                unexpected?.StackTrace
            );
            if (turn.Restart())
                yield return new TurnRestart();
            yield return new TurnNotice(JsonCode(fault), turn.Phrases.FromPages);
            turn.Fallback = fault;
            yield break;
        }
        if (run.IsNotFound)
        {
            if (turn.Restart())
                yield return new TurnRestart();
            yield return turn.Say(turn.Phrases.NotFound);
        }
        else if (run.EndedAs == TurnState.HandedOff)
            yield return turn.Say(turn.Phrases.HandedOff);
        yield return turn.Complete(run.IsNotFound ? TurnState.NotFound : run.EndedAs ?? TurnState.Answered);
    }

    /// <summary>"And for children?" says little by itself: what was asked before helps to find what is meant.</summary>
    private async Task<ExcerptAnswer?> ExcerptsAsync(Turn turn, CancellationToken ct)
    {
        var input = turn.Input;
        try
        {
            var answer = ExcerptWriter.Write(input.Question, input.Language, turn.Book.Passages);
            if (answer is not null || !turn.IsShort || turn.FollowUp is not { } followUp)
                return answer;
            turn.Book.Add(await find(input.WorkspaceId, followUp, Top, ct));
            return ExcerptWriter.Write(followUp, input.Language, turn.Book.Passages);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            StoreFailed(input.WorkspaceId, input.TurnId, e.GetType().Name, e.StackTrace);
            return null;
        }
    }

    private static IEnumerable<string> Pieces(string text)
    {
        const int Size = 48;
        for (var at = 0; at < text.Length; )
        {
            var space = at + Size < text.Length ? text.IndexOf(' ', at + Size) : -1;
            var end = space < 0 ? text.Length : space + 1;
            yield return text[at..end];
            at = end;
        }
    }

    private static string JsonCode(ModelFault fault)
    {
        var name = fault.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    // Types and places, never messages: those of outside quote what was sent.
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Turn {TurnId} of {WorkspaceId}: {Provider} failed with {Fault} after {Attempts} calls; the pages answer. {Error}\n{Stack}"
    )]
    private partial void ModelFailed(
        Guid workspaceId,
        Guid turnId,
        string provider,
        ModelFault fault,
        int attempts,
        string? error,
        string? stack
    );

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "Turn {TurnId} of {WorkspaceId}: settings or passages cannot be read. {Error}\n{Stack}"
    )]
    private partial void StoreFailed(Guid workspaceId, Guid turnId, string error, string? stack);
}
