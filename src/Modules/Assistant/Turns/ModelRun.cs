using System.Collections.ObjectModel;
using System.Text;
using Microsoft.Extensions.AI;

namespace Tenet.Assistant;

/// <summary>How long a turn tries. All times count from the question.</summary>
/// <param name="FirstText">Until then the model must have begun to answer, retries and tool rounds included; else the pages answer.</param>
/// <param name="Retries">More calls after a fault that may pass.</param>
/// <param name="RetryDelay">Before the first retry; it doubles, with jitter.</param>
internal sealed record TurnPatience(TimeSpan FirstText, int Retries, TimeSpan RetryDelay)
{
    public static readonly TurnPatience Default = new(TimeSpan.FromSeconds(13), 2, TimeSpan.FromMilliseconds(400));
}

/// <summary>
/// One model's answer to one turn: prompt, retries, tool rounds, filtered text. It never throws for what a model does wrong: it stops
/// and names the <see cref="Fault"/>.
/// </summary>
internal sealed class ModelRun(
    AssistantProfile profile,
    TurnInput input,
    AssistantTools tools,
    CitationBook book,
    AnswerFilter filter,
    ModelOpening opening,
    CancellationTokenSource firstText
) : IAsyncDisposable
{
    private const int MaxToolRounds = 3;
    private const int MaxAnswer = 24_000;
    private readonly List<ChatMessage> messages = TurnPrompt.Messages(profile, input, book.Passages);
    private readonly List<FunctionCallContent> calls = [];
    private readonly StringBuilder roundText = new();
    private readonly UsageDetails usage = new();
    private IAsyncEnumerator<ChatResponseUpdate>? updates;
    private bool hasCurrent;
    private bool hasBegun;
    private bool isPastOpening;
    private bool isDone;
    private int round;
    private int promptLength;
    private int answerLength;
    private ModelFault? lastFault;

    public ModelFault? Fault { get; private set; }

    /// <summary>What nobody foresaw, for the log.</summary>
    public Exception? Unexpected { get; private set; }

    /// <summary>The model says that the passages do not answer.</summary>
    public bool IsNotFound { get; private set; }

    /// <summary>The state in which a tool ended the turn.</summary>
    public TurnState? EndedAs { get; private set; }

    public List<string> Sent { get; } = [];

    public int Attempts { get; private set; }

    public bool IsEstimated => usage.InputTokenCount is null;

    /// <summary>Four characters a token when the provider does not count; a refused request costs none.</summary>
    public int TokensIn => (int)(usage.InputTokenCount ?? (hasBegun ? promptLength / 4 : 0));

    public int TokensOut => (int)(usage.OutputTokenCount ?? answerLength / 4);

    /// <returns>The next piece of the answer, ready to show, or null at its end.</returns>
    public async ValueTask<string?> NextAsync(CancellationToken ct)
    {
        while (!isDone)
        {
            try
            {
                if (await AdvanceAsync(ct) is { Length: > 0 } piece)
                {
                    firstText.CancelAfter(Timeout.InfiniteTimeSpan);
                    return piece;
                }
            }
            catch (ModelException e)
            {
                Stop(e.Fault);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                Stop(lastFault ?? ModelFault.Stalled);
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                // A tool's fault or a client's: whatever it is, the visitor still gets an answer.
                Unexpected = e;
                Stop(ModelFault.BadResponse);
            }
        }
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (updates is not null)
            await updates.DisposeAsync();
    }

    private void Stop(ModelFault fault)
    {
        Fault = fault;
        isDone = true;
    }

    private async ValueTask<string?> AdvanceAsync(CancellationToken ct)
    {
        if (updates is null)
            await OpenAsync();
        else
            hasCurrent = await updates.MoveNextAsync();
        if (hasCurrent)
            return Read(updates!.Current);
        await updates!.DisposeAsync();
        updates = null;
        if (calls.Count == 0)
            return Finish();
        var said = isPastOpening ? "" : BeginRound();
        await CallToolsAsync(ct);
        return EndedAs is null ? said : said + Finish();
    }

    private async ValueTask OpenAsync()
    {
        promptLength = messages.Sum(m => m.Text.Length);
        Disclose(DataClasses.Question, DataClasses.Pages);
        if (input.PageUrl is not null)
            Disclose(DataClasses.Page);
        var options = new ChatOptions { MaxOutputTokens = profile.MaxOutputTokens };
        if (profile.UsesTools && round < MaxToolRounds)
            options.Tools = [.. tools.Declarations];
        updates = await opening.OpenAsync(
            () =>
            {
                Attempts++;
                return profile.Client!.GetStreamingResponseAsync(messages, options, firstText.Token).GetAsyncEnumerator(firstText.Token);
            },
            fault => lastFault = fault,
            firstText.Token
        );
        hasCurrent = true;
        hasBegun = true;
    }

    private string? Read(ChatResponseUpdate update)
    {
        foreach (var content in update.Contents)
        {
            if (content is UsageContent reported)
                usage.Add(reported.Details);
            else if (content is FunctionCallContent { InformationalOnly: false } call)
                calls.Add(call);
        }
        var text = update.Text;
        if (text.Length == 0)
            return null;
        answerLength += text.Length;
        if (answerLength > MaxAnswer)
            throw new ModelException(ModelFault.BadResponse);
        if (isPastOpening)
            return filter.Push(text);
        roundText.Append(text);
        // The first words wait while they may become the word that says that there is no answer.
        var begun = roundText.ToString().AsSpan().TrimStart(" \n\"'*`.");
        if (begun.Length < TurnPrompt.NotFound.Length && TurnPrompt.NotFound.AsSpan().StartsWith(begun, StringComparison.Ordinal))
            return null;
        if (!begun.StartsWith(TurnPrompt.NotFound, StringComparison.Ordinal))
            return BeginRound();
        IsNotFound = true;
        isDone = true;
        return null;
    }

    private string BeginRound()
    {
        isPastOpening = true;
        var text = roundText.ToString();
        roundText.Clear();
        return filter.Length > 0 && text.Length > 0 ? filter.Push("\n\n" + text) : filter.Push(text);
    }

    private string Finish()
    {
        isDone = true;
        var rest = (isPastOpening ? "" : BeginRound()) + filter.Finish();
        if (filter.Length == 0 && EndedAs is null)
            throw new ModelException(ModelFault.BadResponse);
        return rest;
    }

    private async Task CallToolsAsync(CancellationToken ct)
    {
        if (++round > MaxToolRounds)
            throw new ModelException(ModelFault.BadResponse);
        isPastOpening = false;
        messages.Add(new ChatMessage(ChatRole.Assistant, [.. calls]));
        foreach (var call in calls)
        {
            var result = await CallAsync(call, ct);
            EndedAs ??= result.EndsTurn;
            messages.Add(new ChatMessage(ChatRole.Tool, [new FunctionResultContent(call.CallId, TextOf(result))]));
        }
        calls.Clear();
    }

    private async Task<ToolResult> CallAsync(FunctionCallContent call, CancellationToken ct)
    {
        if (tools.Find(call.Name) is not { } tool)
            return new ToolResult("There is no such tool.");
        var arguments = call.Arguments?.AsReadOnly() ?? ReadOnlyDictionary<string, object?>.Empty;
        var result = await tool.Run(new ToolCall(input, arguments), ct);
        Disclose([.. tool.Returns]);
        return result;
    }

    private string TextOf(ToolResult result)
    {
        if (result.Passages.Count == 0)
            return result.Text;
        // Passages that the prompt already holds keep their numbers and are not sent again.
        var known = book.Passages.Count;
        book.Add(result.Passages);
        if (book.Passages.Count == known)
            return "Nothing more was found.";
        var text = new StringBuilder();
        TurnPrompt.Passages(text, input.TurnId, [.. book.Passages.Skip(known)], known + 1);
        return text.ToString();
    }

    private void Disclose(params string[] classes) => Sent.AddRange(classes.Where(c => !Sent.Contains(c, StringComparer.Ordinal)));
}
