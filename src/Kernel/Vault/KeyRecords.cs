using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Vault;

/// <summary>Proves that master key and database belong together.</summary>
[Record("kernel.installation", Purpose.Operations, Keep = "kernel.installation")]
internal sealed record Installation
{
    [Operational]
    public required int Id { get; init; }

    /// <summary>A fixed text under the root key.</summary>
    [Sealed(Category.SystemCredentials, Under = KeyKind.Special)]
    public required byte[] KeyCheck { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A version of the installation's root key, under one master key; under two while the master key is rotated.</summary>
[Record("vault.root_key", Purpose.Operations, Keep = "vault.keys")]
internal sealed record RootKeyRecord
{
    [Operational]
    public required int Version { get; init; }

    /// <summary>Fingerprint or ARN of the master key.</summary>
    [Operational]
    public required string Master { get; init; }

    [Sealed(Category.SystemCredentials, Under = KeyKind.Special)]
    public byte[]? Wrapped { get; init; }

    /// <summary>Of a destroyed key: what verifies the tokens it signed.</summary>
    [Sealed(Category.SystemCredentials, Under = KeyKind.Special)]
    public byte[]? Signing { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? DestroyedAt { get; init; }
}

[Record("vault.workspace_key", Purpose.Operations, Keep = "vault.keys")]
internal sealed record WorkspaceKey
{
    [Operational]
    public required int Version { get; init; }

    /// <summary>The data key under the root key; null once destroyed.</summary>
    [Sealed(Category.SystemCredentials, Under = KeyKind.Special)]
    public byte[]? Wrapped { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? DestroyedAt { get; init; }
}

/// <summary>The key of one person's shreddable content.</summary>
[Retained("The key itself is destroyed; its row stays without it, so that nothing can be sealed for the person again.")]
[Record("vault.subject_key", Purpose.Operations, Keep = "vault.keys")]
internal sealed record SubjectKey
{
    /// <summary>The person: a visitor, a contact, a caller.</summary>
    [Personal(Category.Pseudonym), Refers(RefersAttribute.AnyPerson)]
    public required Guid Id { get; init; }

    /// <summary>Under the workspace's key; null once shredded.</summary>
    [Sealed(Category.SystemCredentials)]
    public byte[]? Wrapped { get; init; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? DestroyedAt { get; init; }
}
