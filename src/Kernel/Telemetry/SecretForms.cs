using System.Text.RegularExpressions;

namespace Tenet.Kernel.Telemetry;

/// <summary>By what form a text shows to hold something that must not leave: an address, a token, a key, a password.</summary>
internal static partial class SecretForms
{
    /// <summary>As policy files name them.</summary>
    public static readonly string[] Words = ["email_addresses", "bearer_tokens", "api_keys", "passwords", "session_tokens", "ip_addresses"];

    public static string Said(string word) => word == "ip_addresses" ? "IP addresses" : word.Replace('_', ' ');

    public static Regex Of(string word) =>
        word switch
        {
            "email_addresses" => Email(),
            "bearer_tokens" => Bearer(),
            "api_keys" => ApiKey(),
            "passwords" => Password(),
            "ip_addresses" => IpAddress(),
            _ => Session(),
        };

    [GeneratedRegex(@"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Email();

    [GeneratedRegex(@"(?i)\b(bearer|basic)\s+[A-Za-z0-9_\-.=+/]{16,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Bearer();

    [GeneratedRegex(@"\b(sk|pk|rk|tk|xox[bp]|ghp|AKIA|AIza)[-_]?[A-Za-z0-9_\-]{16,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ApiKey();

    [GeneratedRegex(@"(?i)\b(password|passwd|pwd|secret)[""']?\s*[=:]\s*[""']?[^\s""'\[…,;}]{4,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Password();

    [GeneratedRegex(@"tenet_session=[A-Za-z0-9_\-]{20,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Session();

    [GeneratedRegex(@"(?<![\d.])([0-9]{1,3}\.){3}[0-9]{1,3}(?![\d.])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IpAddress();
}
