namespace Tenet.Inbox;

/// <summary>Events of this module. The id is said at each.</summary>
public static class Topics
{
    /// <summary>A conversation has another state or a message of the team's; the id is the visitor's, whose readers read it anew.</summary>
    public const string Conversation = "inbox.conversation";

    /// <summary>Visitor or assistant said something. This node's readers of the conversation have it already. The id is the visitor's.</summary>
    public const string Said = "inbox.said";

    /// <summary>The assistant was paused in a conversation: a running answer stops. The id is the visitor's.</summary>
    public const string Handover = "inbox.handover";

    public const string Widget = "inbox.widget";
    public const string Presence = "inbox.presence";
}
