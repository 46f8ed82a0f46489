namespace Tenet.Kernel.Policies;

/// <summary>
/// A kind of promise that the machine understands. The module that keeps such promises owns the kind: it reads the values as its only
/// setting, and the probe looks at the running system for a violation.
/// </summary>
public abstract class ClaimKind(string name, string explains, params ClaimParameter[] parameters)
{
    /// <summary>As in the file: lower case with underscores.</summary>
    public string Name { get; } = name;

    /// <summary>One sentence: what it means when it holds.</summary>
    public string Explains { get; } = explains;

    public IReadOnlyList<ClaimParameter> Parameters { get; } = parameters;

    /// <summary>What the probe cannot show: said beside its evidence.</summary>
    public abstract string Limits { get; }

    /// <summary>Which values of one policy must agree: two claims of the same key contradict each other. Null when any number may stand.</summary>
    public virtual string? Key(Claim claim) => null;

    /// <summary>Why this deployment cannot keep the claim; null when it can. Asked before a policy is published.</summary>
    public virtual string? Refuses(Claim claim) => null;

    /// <summary>Whether the second claim keeps all that the first one promised, and more: such a change needs no notice.</summary>
    public virtual bool Tightens(Claim before, Claim after) => false;

    /// <summary>Where the values take effect, for people: which part of Tenet reads them as its setting. Null where nothing is set.</summary>
    public virtual string? TakesEffect(Claim claim) => null;

    /// <summary>How much a promise of this kind is worth.</summary>
    public virtual Strength Strength => Strength.Control;

    /// <summary>The probe sees the same in every workspace: one look serves all for some minutes.</summary>
    public virtual bool IsOfDeployment => false;

    /// <summary>How often the probe looks.</summary>
    public virtual TimeSpan Every => TimeSpan.FromHours(1);

    /// <summary>Looks for a violation. Must use indexes or the catalogue: it runs on workspaces with millions of rows.</summary>
    public abstract Task<Finding> ProbeAsync(ProbeRun run, Claim claim, CancellationToken ct);
}
