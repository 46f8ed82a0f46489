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

    [Operational]
    public required Guid GivenBy { get; init; }

    [Operational]
    public required DateTimeOffset GivenAt { get; init; }

    [Operational]
    public DateTimeOffset? WithdrawnAt { get; init; }
}
