using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Vault;

namespace Tenet.Privacy.Alerts;

/// <summary>Where a workspace wants its alerts posted; one at most.</summary>
[Record("privacy.alert_hook", Purpose.Accountability, Keep = AlertHooks.Rule)]
internal sealed record AlertHook
{
    [Operational]
    public required Guid Id { get; init; }

    /// <summary>What of the address is shown: the rest may be a secret of the receiver.</summary>
    [Operational]
    public required string Host { get; init; }

    [Sealed(Category.SystemCredentials)]
    public required byte[] Url { get; init; }

    /// <summary>What messages are signed with, as <see cref="WebhookSecret"/> writes it.</summary>
    [Sealed(Category.SystemCredentials)]
    public required byte[] Secret { get; init; }

    [Operational, Mentions]
    public Guid? SetBy { get; init; }

    [Operational]
    public required DateTimeOffset SetAt { get; init; }

    public static SealedPlace UrlPlace(Guid id) => new("privacy.alert_hook", "url", id);

    public static SealedPlace SecretPlace(Guid id) => new("privacy.alert_hook", "secret", id);
}

internal enum AlertType
{
    Broken,
    Recovered,

    /// <summary>An owner tries the address.</summary>
    Test,
}

internal enum AlertReceiver
{
    Workspace,
    Operator,
}

internal enum AlertState
{
    Waiting,
    Delivered,
    GivenUp,
}

/// <summary>One message to one receiver. Its id is that of the message, at each attempt.</summary>
[Record("privacy.alert_message", Purpose.Accountability, Keep = AlertHooks.Rule)]
internal sealed record AlertMessage
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public Guid? IncidentId { get; init; }

    [Operational]
    public required AlertType Type { get; init; }

    [Operational]
    public required AlertReceiver Receiver { get; init; }

    [Operational]
    public required AlertState State { get; init; }

    [Operational]
    public required DateTimeOffset HappenedAt { get; init; }

    [Operational]
    public int Attempts { get; init; }

    /// <summary>What the last attempt came to: <c>204</c>, <c>private_address</c>.</summary>
    [Operational]
    public string? Outcome { get; init; }

    [Operational]
    public DateTimeOffset? TriedAt { get; init; }
}
