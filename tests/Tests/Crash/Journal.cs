namespace Tenet.Tests.Crash;

/// <summary>What callers know, kept outside of what is killed.</summary>
internal sealed class Journal
{
    private readonly Dictionary<Guid, bool> _questions = [];

    public int Questions => _questions.Count;
    public int Letters { get; set; }

    /// <summary>Those that nobody was told to have been taken: they are sent again, under the same id.</summary>
    public List<Guid> Unacknowledged => [.. _questions.Where(question => !question.Value).Select(question => question.Key)];

    public void Question(Guid clientId, bool acknowledged) => _questions[clientId] = acknowledged || _questions.GetValueOrDefault(clientId);
}
