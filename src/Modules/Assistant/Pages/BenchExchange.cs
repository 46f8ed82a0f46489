namespace Tenet.Assistant.Pages;

/// <summary>One question of the test bench and what came of it so far. Public as Razor wants of parameters.</summary>
public sealed class BenchExchange(string question)
{
    public string Question => question;

    public string Text { get; private set; } = "";

    /// <summary>What the assistant is doing, or null when it writes or is done.</summary>
    public string? Status { get; private set; } = "Starting…";

    public List<TurnNotice> Notices { get; } = [];

    public TurnOutcome? Outcome { get; private set; }

    public void Take(TurnUpdate update)
    {
        switch (update)
        {
            case TurnStatus status:
                Status = status.Line switch
                {
                    "searching" => "Searching your pages…",
                    "reading" => "Reading what fits…",
                    _ => "Writing…",
                };
                break;
            case TurnDelta delta:
                Text += delta.Text;
                break;
            case TurnRestart:
                Text = "";
                break;
            case TurnNotice notice:
                Notices.Add(notice);
                break;
            case TurnCompleted completed:
                Outcome = completed.Outcome;
                Status = null;
                break;
        }
    }

    public void Stop() => Status = Outcome is null ? "Stopped." : null;

    public IEnumerable<TurnMessage> History()
    {
        yield return new TurnMessage(TurnSpeaker.Visitor, question);
        if (Outcome is not null)
            yield return new TurnMessage(TurnSpeaker.Assistant, Text);
    }
}
