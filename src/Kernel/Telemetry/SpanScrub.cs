using System.Diagnostics;
using OpenTelemetry;

namespace Tenet.Kernel.Telemetry;

/// <summary>The last look at a span before it leaves: only labels known to hold no content stay, and no text that an error brought along.</summary>
internal sealed class SpanScrub : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        foreach (var (name, value) in data.TagObjects.ToList())
        {
            if (!Labels.MayLeave(name, value))
            {
                data.SetTag(name, null);
            }
        }
        if (data.StatusDescription is not null)
        {
            data.SetStatus(ActivityStatusCode.Unset);
            data.SetStatus(ActivityStatusCode.Error);
        }
        // What an event or a link holds cannot be taken out again.
        if (data.Events.Any() || data.Links.Any())
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
