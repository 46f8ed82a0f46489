using Microsoft.Extensions.AI;
using Polly;
using Polly.Retry;

namespace Tenet.Assistant;

/// <summary>
/// Opens a model's stream up to its first update, again when the fault may pass: until then nothing has been shown, so a second
/// call cannot become a second answer.
/// </summary>
internal sealed class ModelOpening(TurnPatience patience, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private readonly ResiliencePipeline pipeline = Build(patience, time);

    /// <param name="call">Starts one call.</param>
    /// <param name="failed">Told of every call that failed.</param>
    /// <param name="ct">Ends the waiting as well.</param>
    /// <returns>A stream that stands at its first update.</returns>
    public ValueTask<IAsyncEnumerator<ChatResponseUpdate>> OpenAsync(
        Func<IAsyncEnumerator<ChatResponseUpdate>> call,
        Action<ModelFault> failed,
        CancellationToken ct
    ) =>
        pipeline.ExecuteAsync(
            static async (state, _) =>
            {
                var updates = state.call();
                try
                {
                    if (await updates.MoveNextAsync())
                        return updates;
                    throw new ModelException(ModelFault.Cut);
                }
                catch (Exception e)
                {
                    if (e is ModelException known)
                        state.failed(known.Fault);
                    await updates.DisposeAsync();
                    throw;
                }
            },
            (call, failed),
            ct
        );

    private static ResiliencePipeline Build(TurnPatience patience, TimeProvider time)
    {
        if (patience.Retries == 0)
            return ResiliencePipeline.Empty;
        var retry = new RetryStrategyOptions
        {
            MaxRetryAttempts = patience.Retries,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = patience.RetryDelay,
            MaxDelay = LongestWait,
            ShouldHandle = o =>
                ValueTask.FromResult(o.Outcome.Exception is ModelException { IsTransient: true } e && IsShort(e.RetryAfter)),
            DelayGenerator = o => ValueTask.FromResult((o.Outcome.Exception as ModelException)?.RetryAfter),
        };
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(retry)
            .Build();
    }

    /// <summary>A provider that asks for more than a moment will not answer this visitor.</summary>
    private static bool IsShort(TimeSpan? wait) => wait is null || wait <= LongestWait;
}
