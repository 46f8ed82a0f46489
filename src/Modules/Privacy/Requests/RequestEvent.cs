using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Workspaces;

namespace Tenet.Privacy.Requests;

/// <summary>One step of a request, as its page shows it.</summary>
[Record("privacy.request_event", Purpose.Accountability, Keep = PrivacyRequest.Rule)]
[Retained("The steps of a request are kept with it: they show that it was answered in time and why it ended as it did.")]
internal sealed class RequestEvent
{
    [Operational]
    public Guid Id { get; init; }

    [Operational]
    public Guid RequestId { get; init; }

    [Operational]
    public string Step { get; init; } = "";

    /// <summary>Reasons and questions, in the words of the team.</summary>
    [Personal(Category.Notes)]
    public string? Note { get; set; }

    [Operational]
    public ActorKind ByKind { get; init; }

    [Operational]
    public Guid? ById { get; init; }

    [Operational]
    public DateTimeOffset At { get; init; }
}
