using Tenet.Kernel.DataMaps;

namespace Tenet.Kernel.Policies;

[Record("kernel.policy_version", Purpose.Accountability, Keep = "kernel.installation")]
internal sealed record PolicyVersionRow
{
    [Operational]
    public required string Name { get; init; }

    [Operational]
    public required string Version { get; init; }

    /// <summary>File name → text, the policy itself and those it extends.</summary>
    [Operational]
    public required string Files { get; init; }

    [Operational]
    public DateOnly Effective { get; init; }

    [Operational]
    public DateTimeOffset PublishedAt { get; init; }

    [Operational]
    public string? Replaces { get; init; }

    [Operational]
    public bool Material { get; init; }
}

[Record("kernel.policy_draft", Purpose.Accountability, Keep = "kernel.installation")]
internal sealed record PolicyDraftRow
{
    [Operational]
    public required string Name { get; init; }

    [Operational]
    public required string Version { get; init; }

    [Operational]
    public required string Files { get; init; }

    [Operational]
    public DateTimeOffset DraftedAt { get; init; }
}

/// <summary>When a workspace's owners and admins were told of a version that was to come.</summary>
[Record("kernel.policy_notice", Purpose.Accountability, Keep = "kernel.workspaces")]
internal sealed record PolicyNoticeRow
{
    [Operational]
    public required string Name { get; init; }

    [Operational]
    public required string Version { get; init; }

    [Operational]
    public DateTimeOffset AnnouncedAt { get; init; }

    /// <summary>How many letters went out.</summary>
    [Operational]
    public int Letters { get; init; }
}

/// <summary>Who accepted a version for the workspace, and when.</summary>
[Record("kernel.policy_acceptance", Purpose.Accountability, Keep = "kernel.workspaces")]
internal sealed record PolicyAcceptanceRow
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string Name { get; init; }

    [Operational]
    public required string Version { get; init; }

    [Operational]
    public required Guid AcceptedBy { get; init; }

    [Operational]
    public required DateTimeOffset AcceptedAt { get; init; }
}

[Record("kernel.workspace_policy", Purpose.Accountability, Keep = "kernel.workspaces")]
internal sealed record WorkspacePolicyRow
{
    [Operational]
    public required string Name { get; init; }

    [Operational]
    public required string Version { get; init; }

    [Operational]
    public DateTimeOffset Since { get; init; }

    [Operational]
    public Guid? AcceptedBy { get; init; }
}

/// <summary>The latest look at one claim of a promise.</summary>
[Record("kernel.promise_state", Purpose.Accountability, Keep = "kernel.workspaces")]
internal sealed record PromiseStateRow
{
    [Operational]
    public required string PromiseId { get; init; }

    [Operational]
    public required int ClaimNumber { get; init; }

    /// <summary>SHA-256 of the claim with its values, in hex.</summary>
    [Operational]
    public string Claim { get; init; } = "";

    [Operational]
    public required Verdict Verdict { get; init; }

    [Operational]
    public required string Says { get; init; }

    [Operational]
    public required long Looked { get; init; }

    [Operational]
    public required string Query { get; init; }

    [Operational]
    public required DateTimeOffset ProbedAt { get; init; }

    /// <summary>Since when the verdict is what it is.</summary>
    [Operational]
    public required DateTimeOffset Since { get; init; }
}

[Record("kernel.promise_day", Purpose.Accountability, Keep = "kernel.workspaces")]
internal sealed record PromiseDayRow
{
    [Operational]
    public required string PromiseId { get; init; }

    [Operational]
    public required DateOnly Day { get; init; }

    [Operational]
    public required Verdict Verdict { get; init; }
}

/// <summary>A named person's evidence for what no machine can prove.</summary>
[Retained("Evidence that a promise was kept, given in a person's name, stays with the promise.")]
[Record("kernel.attestation", Purpose.Accountability, Keep = "kernel.workspaces")]
internal sealed record Attestation
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string What { get; init; }

    /// <summary>Where the evidence lies, in the person's words.</summary>
    [Personal(Category.Notes)]
    public required string Evidence { get; init; }

    [Operational, Refers(RefersAttribute.AnyPerson)]
    public required Guid GivenBy { get; init; }

    [Operational]
    public required DateTimeOffset GivenAt { get; init; }

    [Operational]
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>Evidence as a file, in the store of blobs.</summary>
    [Operational]
    public Guid? BlobId { get; init; }

    /// <summary>When the evidence itself ends, such as a certificate; the promise's own interval may end it earlier.</summary>
    [Operational]
    public DateOnly? ExpiresOn { get; init; }
}

/// <summary>The operator's evidence, which counts in every workspace.</summary>
[NoSubject("The operator's own people vouch for the installation here: none of them is a person of a workspace.")]
[Record("kernel.operator_attestation", Purpose.Accountability, Keep = "kernel.installation")]
internal sealed record OperatorAttestation
{
    [Operational]
    public required Guid Id { get; init; }

    [Operational]
    public required string What { get; init; }

    [Personal(Category.Notes)]
    public required string Evidence { get; init; }

    [Personal(Category.Name)]
    public required string GivenBy { get; init; }

    [Operational]
    public required DateTimeOffset GivenAt { get; init; }

    [Operational]
    public DateTimeOffset? WithdrawnAt { get; init; }
}
