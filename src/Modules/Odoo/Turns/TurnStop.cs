namespace Tenet.Odoo.Turns;

/// <summary>Ends a turn with one of our own codes.</summary>
internal sealed class TurnStop(string code) : Exception("A copilot's turn was ended.")
{
    public string Code => code;
}
