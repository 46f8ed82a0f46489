namespace Tenet.Inbox;

/// <summary>Events of this module. The id is said at each.</summary>
public static class Topics
{
    /// <summary>A conversation has a new message or another state; the id is the visitor's, whose readers are told too.</summary>
    public const string Conversation = "inbox.conversation";

    /// <summary>The assistant was paused in a conversation: a running answer stops. The id is the visitor's.</summary>
    public const string Handover = "inbox.handover";

    public const string Widget = "inbox.widget";
    public const string Presence = "inbox.presence";
}
