namespace Tenet.Kernel.Screens;

/// <summary>The colour of a state: good, bad, under way, unknown, or vouched for by a person.</summary>
public enum Tone
{
    Stale,
    Holds,
    Broken,
    Soon,
    Attested,
}
