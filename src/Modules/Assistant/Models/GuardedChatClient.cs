using System.ClientModel;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;
using Tenet.Kernel.Http;

namespace Tenet.Assistant;

/// <summary>How long a model may be silent.</summary>
/// <param name="First">Until the first byte of the answer.</param>
/// <param name="Between">Between two pieces of it.</param>
internal sealed record ModelPatience(TimeSpan First, TimeSpan Between)
{
    public static readonly ModelPatience Default = new(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(8));
}

/// <summary>
/// The one behaviour of all adapters: silence is <see cref="ModelFault.Stalled"/>, an end without a finish is
/// <see cref="ModelFault.Cut"/>, and every SDK's exception becomes a <see cref="ModelException"/>.
/// </summary>
internal sealed class GuardedChatClient(IChatClient inner, ModelPatience patience, TimeProvider time) : DelegatingChatClient(inner)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        using var silence = new CancellationTokenSource(patience.First, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        await using var updates = base.GetStreamingResponseAsync(messages, options, either.Token).GetAsyncEnumerator(either.Token);
        var begun = false;
        var finished = false;
        while (await Next(updates, begun, silence, cancellationToken))
        {
            begun = true;
            silence.CancelAfter(patience.Between);
            var update = updates.Current;
            if (update.FinishReason == ChatFinishReason.ContentFilter)
                throw new ModelException(ModelFault.Refused);
            if (update.Contents.OfType<FunctionCallContent>().Any(c => c.Exception is not null))
                throw new ModelException(ModelFault.InvalidToolJson);
            finished |= update.FinishReason is not null;
            yield return update;
        }
        if (!finished)
            throw new ModelException(ModelFault.Cut);
    }

    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    ) => GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    private async ValueTask<bool> Next(
        IAsyncEnumerator<ChatResponseUpdate> updates,
        bool begun,
        CancellationTokenSource silence,
        CancellationToken ct
    )
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(ct);
        }
        catch (Exception) when (silence.IsCancellationRequested)
        {
            throw new ModelException(ModelFault.Stalled);
        }
        catch (Exception e) when (e is not ModelException)
        {
            throw Translate(e, begun);
        }
    }

    private ModelException Translate(Exception exception, bool begun)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case ModelException known:
                    return known;
                case ClientResultException { Status: > 0 } refused:
                    return FromOpenAi(refused);
                case AnthropicSseException sse:
                    return new ModelException(ModelResponses.FromCode(sse.ErrorCode ?? (string?)sse.Type));
                case EgressException { Failure: EgressFailure.PrivateAddress or EgressFailure.BadScheme or EgressFailure.WeakTls }:
                    return new ModelException(ModelFault.ForbiddenAddress);
                case EgressException { Failure: EgressFailure.TooSlow }:
                    return new ModelException(ModelFault.Stalled);
                case EgressException { Failure: EgressFailure.TooLarge }:
                    return new ModelException(ModelFault.BadResponse);
                case EgressException:
                    return new ModelException(begun ? ModelFault.Cut : ModelFault.Unreachable);
                case JsonException:
                    return new ModelException(ModelFault.BadResponse);
                case IOException or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }:
                    return new ModelException(begun ? ModelFault.Cut : ModelFault.Unreachable);
                case HttpRequestException:
                    return new ModelException(begun ? ModelFault.Cut : ModelFault.Unreachable);
            }
        }
        return new ModelException(ModelFault.BadResponse);
    }

    private ModelException FromOpenAi(ClientResultException refused)
    {
        var response = refused.GetRawResponse();
        string? retryAfter = null;
        response?.Headers.TryGetValue("retry-after", out retryAfter);
        return ModelResponses.Read(refused.Status, retryAfter, response?.Content.ToMemory() ?? default, time);
    }
}
