using System.Net.Mail;

namespace Tenet.Kernel.Http;

/// <summary>Collects what is wrong with a request, field by field, and throws it as one <see cref="RuleException"/>.</summary>
public sealed class Validation
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    /// <summary>Text of some length after trimming, without control characters other than line breaks and tabs.</summary>
    public string Text(string field, string? value, int max, int min = 1)
    {
        var text = (value ?? "").Trim();
        if (text.Length < min)
        {
            Add(field, min == 1 ? "Please fill this in." : $"At least {min} characters, please.");
        }
        else if (text.Length > max)
        {
            Add(field, $"At most {max} characters, please.");
        }
        else if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
        {
            Add(field, "This contains a character that cannot be used here.");
        }
        return text;
    }

    public string Email(string field, string? value)
    {
        var text = Text(field, value, 254).ToLowerInvariant();
        if (
            !_errors.ContainsKey(field)
            && (!MailAddress.TryCreate(text, out var address) || !address.Address.Equals(text, StringComparison.Ordinal))
        )
        {
            Add(field, "This is not an e-mail address.");
        }
        return text;
    }

    /// <summary>An absolute http or https address.</summary>
    public Uri? Url(string field, string? value)
    {
        var text = Text(field, value, 2000);
        if (_errors.ContainsKey(field))
        {
            return null;
        }
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url!.UserInfo.Length == 0)
        {
            return url;
        }
        Add(field, "An address that starts with https:// or http://, please.");
        return null;
    }

    public void Number(string field, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            Add(field, $"A number from {min} to {max}, please.");
        }
    }

    public void OneOf(string field, string? value, IReadOnlyCollection<string> allowed)
    {
        if (value is null || !allowed.Contains(value, StringComparer.Ordinal))
        {
            Add(field, "One of: " + string.Join(", ", allowed) + ".");
        }
    }

    public void Check(bool holds, string field, string message)
    {
        if (!holds)
        {
            Add(field, message);
        }
    }

    public void Throw()
    {
        if (_errors.Count > 0)
        {
            throw new RuleException(_errors.ToDictionary(error => error.Key, error => error.Value.ToArray(), StringComparer.Ordinal));
        }
    }

    private void Add(string field, string message)
    {
        if (!_errors.TryGetValue(field, out var messages))
        {
            _errors[field] = messages = [];
        }
        messages.Add(message);
    }
}
