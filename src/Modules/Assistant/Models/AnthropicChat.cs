using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;

namespace Tenet.Assistant;

/// <summary>Anthropic's messages, by its SDK and the SDK's own <see cref="IChatClient"/>.</summary>
internal static class AnthropicChat
{
    public static IChatClient Create(HttpClient http, Uri baseUrl, string key, string model, int maxOutputTokens, TimeProvider time)
    {
        // Every option that the SDK would otherwise take from environment variables or files is set here.
        var client = new AnthropicClient(
            new ClientOptions
            {
                HttpClient = http,
                BaseUrl = baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/'),
                ApiKey = key,
                AuthToken = null,
                MaxRetries = 0,
                Timeout = Timeout.InfiniteTimeSpan,
                Handlers = [new ErrorResponses(time)],
            }
        );
        return client.AsIChatClient(model, maxOutputTokens);
    }

    /// <summary>Reads errors before the SDK does: its exceptions drop `retry-after` and quote the body.</summary>
    private sealed class ErrorResponses(TimeProvider time) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                var retryAfter = response.Headers.TryGetValues("retry-after", out var values) ? values.FirstOrDefault() : null;
                var body = await Prefix(response.Content, cancellationToken);
                throw ModelResponses.Read((int)response.StatusCode, retryAfter, body, time);
            }
        }

        private static async Task<ReadOnlyMemory<byte>> Prefix(HttpContent content, CancellationToken ct)
        {
            await using var stream = await content.ReadAsStreamAsync(ct);
            var buffer = new byte[ModelResponses.MaxErrorBytes];
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
            return buffer.AsMemory(0, read);
        }
    }
}
