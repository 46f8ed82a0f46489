namespace Tenet.Tests.Crash;

/// <summary>What there is to do for one kind of job, and what must be so once it was done, however often its host was killed.</summary>
internal abstract class JobScenario(string kind)
{
    public string Kind => kind;

    /// <summary>It calls others, so that it has the points around that as well.</summary>
    public virtual bool Sends => false;

    public IEnumerable<string> Points =>
        new[] { "commit.before", "commit.after", "acknowledge.before", "acknowledge.after" }
            .Concat(Sends ? ["send.before", "send.after"] : [])
            .Select(point => $"{kind}/{point}");

    /// <summary>Leaves work of the kind, due at once, and writes it into the journal.</summary>
    public abstract Task AskAsync(CrashRig rig);

    /// <summary>Compares the journal with what is stored: a line for all that is lost, doubled or half done.</summary>
    public abstract Task CompareAsync(CrashRig rig, Differences found);

    public static IReadOnlyList<JobScenario> All() =>
        [
            new Checkpoints(),
            new AuditPurge(),
            new SweptBlobs(),
            new ForgottenAnswers(),
            new Probes(),
            new Resealing(),
            new ForgottenLogins(),
            new LostTurns(),
            new Sleepers(),
            new OldConversations(),
            new Alerts(),
            new PostedAlerts(),
            new Recrawls(),
            new Crawls(),
            new Vectors(),
            new Erasures(),
            new Copies(),
            new ExpiredCopies(),
            new PeopleNotices(),
            new DeletedWorkspaces(),
            new WorkspaceCopies(),
            new ExpiredWorkspaceCopies(),
            new LostReservations(),
            new LostWrites(),
            new LostCopilotTurns(),
        ];
}

/// <summary>Lines about what is not as the journal says.</summary>
internal sealed class Differences
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines => _lines;

    public void Expect<T>(string what, T expected, T found)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            _lines.Add($"{what}: {found} instead of {expected}");
        }
    }

    public async Task ExpectAsync<T>(string what, T expected, Task<T?> found) => Expect(what, expected, await found);
}
