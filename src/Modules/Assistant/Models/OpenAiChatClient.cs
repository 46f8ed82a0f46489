using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using AiChatMessage = Microsoft.Extensions.AI.ChatMessage;
using AiFinishReason = Microsoft.Extensions.AI.ChatFinishReason;

namespace Tenet.Assistant;

/// <summary>
/// Chat completions as OpenAI defined them: OpenAI itself, and by base URL Gemini, Grok, Mistral, vLLM, Ollama, llama.cpp and whatever
/// else speaks it. Exceptions are the SDK's; <see cref="GuardedChatClient"/> translates them.
/// </summary>
internal sealed class OpenAiChatClient : IChatClient
{
    private const int MaxToolArguments = 64 * 1024;
    private static readonly BinaryData NoArguments = BinaryData.FromString("{}");
    private readonly ChatClient chat;
    private readonly ChatClientMetadata metadata;
    private readonly bool official;

    /// <param name="official">OpenAI itself, perhaps behind a proxy: it knows fields that compatible servers refuse.</param>
    public OpenAiChatClient(HttpClient http, Uri baseUrl, string? key, string model, bool official)
    {
        chat = new ChatClient(model, new ApiKeyCredential(string.IsNullOrEmpty(key) ? "none" : key), Options(http, baseUrl));
        metadata = new ChatClientMetadata("openai", baseUrl, model);
        this.official = official;
    }

    /// <summary>Retries, time limits and logs are the pipeline's own, so the SDK's are off.</summary>
    public static OpenAIClientOptions Options(HttpClient http, Uri baseUrl) =>
        new()
        {
            Endpoint = baseUrl,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            EnableDistributedTracing = false,
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
        };

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<AiChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        var calls = new SortedDictionary<int, PendingCall>();
        AiFinishReason? finish = null;
        await foreach (var update in chat.CompleteChatStreamingAsync(Translate(messages), Translate(options), cancellationToken))
        {
            if (!string.IsNullOrEmpty(update.RefusalUpdate))
                throw new ModelException(ModelFault.Refused);
            foreach (var part in update.ContentUpdate)
            {
                if (!string.IsNullOrEmpty(part.Text))
                    yield return new ChatResponseUpdate(ChatRole.Assistant, part.Text);
            }
            foreach (var piece in update.ToolCallUpdates)
            {
                if (!calls.TryGetValue(piece.Index, out var call))
                    calls[piece.Index] = call = new PendingCall();
                call.Add(piece);
            }
            if (update.Usage is { } usage)
                yield return Usage(usage);
            finish = update.FinishReason is { } reason ? Translate(reason) : finish;
        }
        if (finish is not { } finished)
            yield break;
        var contents = calls.Values.Select(c => (AIContent)c.Finish()).ToList();
        // Some compatible servers finish tool calls with "stop".
        yield return new ChatResponseUpdate(ChatRole.Assistant, contents)
        {
            FinishReason = contents.Count > 0 ? AiFinishReason.ToolCalls : finished,
        };
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<AiChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    ) => GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose() { }

    private static ChatResponseUpdate Usage(ChatTokenUsage usage) =>
        new()
        {
            Contents =
            [
                new UsageContent(new UsageDetails { InputTokenCount = usage.InputTokenCount, OutputTokenCount = usage.OutputTokenCount }),
            ],
        };

    private static IEnumerable<OpenAI.Chat.ChatMessage> Translate(IEnumerable<AiChatMessage> messages)
    {
        foreach (var message in messages)
        {
            if (message.Role == ChatRole.System)
                yield return new SystemChatMessage(message.Text);
            else if (message.Role == ChatRole.Tool)
            {
                foreach (var result in message.Contents.OfType<FunctionResultContent>())
                    yield return new ToolChatMessage(result.CallId, result.Result as string ?? JsonSerializer.Serialize(result.Result));
            }
            else if (message.Role == ChatRole.Assistant)
                yield return Assistant(message);
            else
                yield return new UserChatMessage(message.Text);
        }
    }

    private static AssistantChatMessage Assistant(AiChatMessage message)
    {
        var calls = message
            .Contents.OfType<FunctionCallContent>()
            .Select(c =>
                ChatToolCall.CreateFunctionToolCall(
                    c.CallId,
                    c.Name,
                    c.Arguments is { Count: > 0 } arguments ? BinaryData.FromObjectAsJson(arguments) : NoArguments
                )
            )
            .ToList();
        if (calls.Count == 0)
            return new AssistantChatMessage(message.Text);
        var translated = new AssistantChatMessage(calls);
        if (message.Text.Length > 0)
            translated.Content.Add(ChatMessageContentPart.CreateTextPart(message.Text));
        return translated;
    }

    private ChatCompletionOptions Translate(ChatOptions? options)
    {
        var translated = new ChatCompletionOptions();
        // "max_completion_tokens" is OpenAI's own; the compatible servers know "max_tokens".
        if (official)
        {
            translated.MaxOutputTokenCount = options?.MaxOutputTokens;
            // "store": false. OpenAI may not keep the answer for its own tools.
            translated.StoredOutputEnabled = false;
        }
#pragma warning disable SCME0001 // The SDK's only way to send a field it does not model.
        else if (options?.MaxOutputTokens is { } most)
            translated.Patch.Set("$.max_tokens"u8, most);
#pragma warning restore SCME0001
        foreach (var tool in options?.Tools?.OfType<AIFunctionDeclaration>() ?? [])
            translated.Tools.Add(
                ChatTool.CreateFunctionTool(tool.Name, tool.Description, BinaryData.FromString(tool.JsonSchema.GetRawText()))
            );
        return translated;
    }

    private static AiFinishReason Translate(OpenAI.Chat.ChatFinishReason reason) =>
        reason switch
        {
            OpenAI.Chat.ChatFinishReason.Length => AiFinishReason.Length,
            OpenAI.Chat.ChatFinishReason.ContentFilter => AiFinishReason.ContentFilter,
            OpenAI.Chat.ChatFinishReason.ToolCalls => AiFinishReason.ToolCalls,
            _ => AiFinishReason.Stop,
        };

    private sealed class PendingCall
    {
        private readonly StringBuilder arguments = new();
        private string? id;
        private string? name;

        public void Add(StreamingChatToolCallUpdate piece)
        {
            id ??= piece.ToolCallId;
            name ??= piece.FunctionName;
            if (piece.FunctionArgumentsUpdate is { } more && more.ToMemory().Length > 0)
                arguments.Append(more);
            if (arguments.Length > MaxToolArguments)
                throw new ModelException(ModelFault.InvalidToolJson);
        }

        public FunctionCallContent Finish()
        {
            if (string.IsNullOrEmpty(name))
                throw new ModelException(ModelFault.InvalidToolJson);
            return new FunctionCallContent(id ?? name, name, ToolArguments.Parse(arguments.ToString()));
        }
    }
}
