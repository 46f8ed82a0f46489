namespace Tenet.Tests.Kernel.Policies;

/// <summary>A property broken behind the code's back.</summary>
/// <param name="Promise">That must show it.</param>
/// <param name="Does">What is done, in a few words: the name of the test's row, and the line of the list.</param>
internal sealed record Sabotage(
    string Promise,
    string Kind,
    string Does,
    Func<SabotagedHost, Task> BreakAsync,
    Func<SabotagedHost, Task> MendAsync
)
{
    /// <summary>By statements of the database's owner; <c>{0}</c> is the workspace.</summary>
    public static Sabotage Sql(string promise, string kind, string does, string breaks, string mends) =>
        new(promise, kind, does, host => host.AsOwnerAsync(breaks), host => host.AsOwnerAsync(mends));

    public static Sabotage Of(string promise, string kind, string does, Action<SabotagedHost> breaks, Action<SabotagedHost> mends) =>
        new(
            promise,
            kind,
            does,
            host =>
            {
                breaks(host);
                return Task.CompletedTask;
            },
            host =>
            {
                mends(host);
                return Task.CompletedTask;
            }
        );

    public override string ToString() => $"{Promise}: {Does}";
}
