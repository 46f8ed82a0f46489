namespace Tenet.Kernel.Policies;

/// <summary>What is wrong with a policy, and where.</summary>
/// <param name="Line">From 1; 0 when the file as a whole is meant.</param>
/// <param name="Promise">The promise's id; empty outside of one.</param>
public sealed record PolicyFault(string File, int Line, string Promise, string Message)
{
    public override string ToString() =>
        (Line > 0 ? $"{File}:{Line}: " : $"{File}: ") + (Promise.Length > 0 ? $"{Promise}: " : "") + Message;
}

/// <summary>A policy that cannot be taken. The version in force stays in force.</summary>
public sealed class PolicyFileException(IReadOnlyList<PolicyFault> faults)
    : Exception(string.Join(Environment.NewLine, faults.Take(20).Select(fault => fault.ToString())) + Rest(faults.Count))
{
    public IReadOnlyList<PolicyFault> Faults { get; } = faults;

    private static string Rest(int count) => count > 20 ? $"{Environment.NewLine}… and {count - 20} more." : "";
}
