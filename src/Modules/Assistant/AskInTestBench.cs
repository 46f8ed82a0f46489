using System.Runtime.CompilerServices;
using Tenet.Kernel.Workspaces;

namespace Tenet.Assistant;

/// <summary>A member's question in the console: the very turn a visitor gets, counted, and kept nowhere.</summary>
internal sealed class AskInTestBench(TurnPipeline pipeline, WorkspaceScope door)
{
    public async IAsyncEnumerable<TurnUpdate> RunAsync(
        Guid workspaceId,
        Guid memberId,
        string question,
        IReadOnlyList<TurnMessage> history,
        [EnumeratorCancellation] CancellationToken ct
    )
    {
        var language = StopWords.LanguageOf(question, "en");
        var input = new TurnInput(workspaceId, Guid.CreateVersion7(), question, history, language, null);
        await foreach (var update in pipeline.RunAsync(input, ct))
        {
            if (update is TurnCompleted { Outcome: var outcome })
                await door.BatchAsync(workspaceId, Actor.Member(memberId), batch => Record(batch, input.TurnId, outcome), ct);
            yield return update;
        }
    }

    private static void Record(SqlBatch batch, Guid turnId, TurnOutcome outcome)
    {
        TurnLedger.Complete(batch, turnId, outcome, origin: TurnOrigin.TestBench);
        batch.Audit(
            "assistant.tested",
            "turn",
            turnId,
            new
            {
                state = outcome.State,
                outcome.Receipt.TokensIn,
                outcome.Receipt.TokensOut,
            }
        );
    }
}
