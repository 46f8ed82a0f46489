namespace Tenet.Privacy;

/// <summary>Who runs the installation, as its public pages say it. What is empty is left out.</summary>
public sealed record OperatorOptions
{
    public string? Name { get; init; }

    /// <summary>Postal address, in one line.</summary>
    public string? Address { get; init; }

    /// <summary>Where letters about broken promises go, and where people can write.</summary>
    public string? Mail { get; init; }

    /// <summary>Where events about broken promises of all workspaces are posted, signed with <see cref="AlertSecret"/>.</summary>
    public Uri? AlertUrl { get; init; }

    /// <summary><c>whsec_</c> and 24 to 64 bytes in base64.</summary>
    public string? AlertSecret { get; init; }

    /// <summary>The data protection officer: a name or an address.</summary>
    public string? DataProtectionOfficer { get; init; }

    /// <summary>Beside those that the policy names: <c>name | what for | where | host</c>.</summary>
    public IReadOnlyList<string> Subprocessors { get; init; } = [];

    public SecurityTxtOptions SecurityTxt { get; init; } = new();
}

/// <summary>What stands in <c>/.well-known/security.txt</c>: RFC 9116.</summary>
public sealed record SecurityTxtOptions
{
    /// <summary><c>mailto:</c> or <c>https:</c> addresses, the preferred one first. Without one there is no such file.</summary>
    public IReadOnlyList<string> Contact { get; init; } = [];

    /// <summary>When it is to be looked at again; empty: half a year from today.</summary>
    public DateTimeOffset? Expires { get; init; }

    public string? Encryption { get; init; }
    public string? Acknowledgments { get; init; }
    public string? Policy { get; init; }
    public string? PreferredLanguages { get; init; }
}
