using System.Globalization;
using System.Text.Json;

namespace Tenet.Assistant;

/// <summary>Reads what went wrong from a provider's HTTP answer. Only codes are read: texts quote prompts.</summary>
internal static class ModelResponses
{
    public const int MaxErrorBytes = 64 * 1024;

    public static ModelException Read(int status, string? retryAfter, ReadOnlyMemory<byte> body, TimeProvider time)
    {
        var code = Code(body);
        var fault = status switch
        {
            401 or 403 => ModelFault.RefusedKey,
            402 => ModelFault.NoCredit,
            404 => ModelFault.UnknownModel,
            413 => ModelFault.ContextTooLong,
            429 => IsCredit(code) ? ModelFault.NoCredit : ModelFault.RateLimited,
            408 => ModelFault.Overloaded,
            >= 500 => ModelFault.Overloaded,
            _ => FromCode(code),
        };
        return new ModelException(fault, status, RetryAfter(retryAfter, time));
    }

    /// <summary>The fault behind a provider's own error code, for errors that arrive inside a stream.</summary>
    public static ModelFault FromCode(string? code) =>
        code switch
        {
            null => ModelFault.BadResponse,
            "authentication_error" or "permission_error" or "invalid_api_key" => ModelFault.RefusedKey,
            "rate_limit_error" or "rate_limit_exceeded" => ModelFault.RateLimited,
            "overloaded_error" or "api_error" or "server_error" or "timeout_error" => ModelFault.Overloaded,
            "not_found_error" or "model_not_found" => ModelFault.UnknownModel,
            "content_filter" or "content_policy_violation" => ModelFault.Refused,
            "billing_error" => ModelFault.NoCredit,
            "request_too_large" or "context_length_exceeded" or "string_above_max_length" => ModelFault.ContextTooLong,
            _ when IsCredit(code) => ModelFault.NoCredit,
            _ => ModelFault.BadResponse,
        };

    private static bool IsCredit(string? code) => code is "insufficient_quota" or "billing_hard_limit_reached" or "billing_not_active";

    /// <summary>`error.code`, else `error.type`: OpenAI's shape and Anthropic's. Gemini wraps the same in an array.</summary>
    private static string? Code(ReadOnlyMemory<byte> body)
    {
        if (body.Length is 0 or > MaxErrorBytes)
            return null;
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
                root = root[0];
            if (
                root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("error", out var error)
                || error.ValueKind != JsonValueKind.Object
            )
                return null;
            return Text(error, "code") ?? Text(error, "type");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>RFC 9110, 10.2.3: seconds or a date.</summary>
    private static TimeSpan? RetryAfter(string? value, TimeProvider time)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(Math.Min(seconds, 3600));
        if (!DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return null;
        var wait = at - time.GetUtcNow();
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
