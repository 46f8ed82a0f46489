namespace Tenet.Kernel.Policies;

/// <summary>How rows that have reached their age go, from the strictest on.</summary>
public enum RetentionMethod
{
    Delete,

    /// <summary>The rows go, how many there were of each day stays.</summary>
    Aggregate,

    /// <summary>The rows stay, without anything that the data map calls personal, and lead to nobody.</summary>
    Anonymise,
}
