using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Http;

namespace Tenet.Inbox;

/// <summary>Open: the team's turn. Pending: the assistant holds it. Snoozed: sleeps until a time. Resolved: done until somebody writes.</summary>
public enum ConversationState
{
    Open,
    Pending,
    Snoozed,
    Resolved,
}

/// <summary>Who answers. The server sets it; a model cannot merely say it.</summary>
public enum ConversationMode
{
    Assistant,
    Waiting,
    Member,
}

/// <summary>A thread between one visitor and the business. Its row lock orders its messages.</summary>
[Record("inbox.conversation", Purpose.CustomerSupport, Keep = "inbox.conversations")]
public sealed class Conversation
{
    [Operational]
    public Guid Id { get; init; }

    [Personal(Category.Pseudonym)]
    public Guid VisitorId { get; init; }

    [Operational]
    public string Channel { get; init; } = "widget";

    /// <summary>The one that the visitor's next message goes to.</summary>
    [Operational]
    public bool Current { get; set; } = true;

    [Operational]
    public ConversationState State { get; set; }

    [Operational]
    public ConversationMode Mode { get; set; }

    [Operational]
    public Guid? AssigneeId { get; set; }

    [Operational]
    public DateTimeOffset? SnoozedUntil { get; set; }

    /// <summary>The number of the newest message.</summary>
    [Operational]
    public long LastSeq { get; set; }

    [Operational]
    public DateTimeOffset LastMessageAt { get; set; }

    /// <summary>The beginning of the newest message that visitors see.</summary>
    [Personal(Category.Content)]
    public string Preview { get; set; } = "";

    [Personal(Category.BrowsingHistory)]
    public string? PageUrl { get; set; }

    [Personal(Category.BrowsingHistory)]
    public string? PageTitle { get; set; }

    [Operational]
    public DateTimeOffset CreatedAt { get; init; }

    [Operational]
    public DateTimeOffset? ResolvedAt { get; set; }

    /// <summary>A member answers from now on; the assistant is paused.</summary>
    public void TakeOver(Guid memberId)
    {
        Mode = ConversationMode.Member;
        AssigneeId = memberId;
        Wake();
    }

    /// <summary>The assistant answers again.</summary>
    public void HandBack()
    {
        Demand(Mode != ConversationMode.Assistant, "The assistant already holds this conversation.");
        Mode = ConversationMode.Assistant;
        AssigneeId = null;
        State = ConversationState.Pending;
        SnoozedUntil = null;
    }

    /// <returns>False when a person was already asked for or is already there.</returns>
    public bool AskForPerson()
    {
        if (Mode != ConversationMode.Assistant)
        {
            return false;
        }
        Mode = ConversationMode.Waiting;
        Wake();
        return true;
    }

    /// <summary>Done. The next message of the visitor opens it again, and the assistant answers first.</summary>
    public void Resolve(DateTimeOffset now)
    {
        Demand(State != ConversationState.Resolved, "This conversation is already resolved.");
        State = ConversationState.Resolved;
        Mode = ConversationMode.Assistant;
        AssigneeId = null;
        SnoozedUntil = null;
        ResolvedAt = now;
    }

    public void Reopen()
    {
        Demand(State is ConversationState.Resolved or ConversationState.Snoozed, "This conversation is already open.");
        Wake();
    }

    public void Snooze(DateTimeOffset until, DateTimeOffset now)
    {
        Demand(State != ConversationState.Resolved, "Reopen the conversation before you snooze it.");
        if (until <= now || until > now.AddDays(90))
        {
            throw new RuleException("until", "A time in the next 90 days, please.");
        }
        State = ConversationState.Snoozed;
        SnoozedUntil = until;
    }

    /// <summary>A reply of the team opens what was snoozed or resolved.</summary>
    internal void Replied()
    {
        if (State is ConversationState.Resolved or ConversationState.Snoozed)
        {
            Wake();
        }
    }

    /// <summary>Something was said; the newest message's number and beginning are kept for lists.</summary>
    internal long Append(string text, bool visible, DateTimeOffset now)
    {
        LastMessageAt = now;
        if (visible)
        {
            Preview = Message.PreviewOf(text);
        }
        return ++LastSeq;
    }

    private void Wake()
    {
        State = Mode == ConversationMode.Assistant ? ConversationState.Pending : ConversationState.Open;
        SnoozedUntil = null;
        ResolvedAt = null;
    }

    private static void Demand(bool holds, string message)
    {
        if (!holds)
        {
            throw new ConflictException(message);
        }
    }
}
