namespace Tenet.Knowledge;

/// <summary>What the module tells the workspace's listeners; the id is a source's.</summary>
internal static class KnowledgeTopics
{
    /// <summary>A crawl went on, ended or changed its state.</summary>
    public const string Progress = "knowledge.source";

    /// <summary>A source is gone with all its pages.</summary>
    public const string Removed = "knowledge.removed";

    /// <summary>Passages have got vectors; the id is the workspace's.</summary>
    public const string Vectors = "knowledge.vectors";
}
