using System.Globalization;

namespace Tenet.Billing;

/// <summary>An amount of credits, in whole millionths of one: sums of it are exact.</summary>
internal readonly record struct Credits(long Millionths) : IComparable<Credits>
{
    public const long One = 1_000_000;

    /// <exception cref="OverflowException">Finer than a millionth, or more than nine million millions.</exception>
    public static Credits Of(decimal credits)
    {
        var millionths = credits * One;
        return decimal.Truncate(millionths) == millionths
            ? new Credits((long)millionths)
            : throw new OverflowException("A credit has at most six decimal places.");
    }

    public decimal Amount => (decimal)Millionths / One;

    /// <summary>Those that are whole: what a person is shown to be left.</summary>
    public int Whole => (int)Math.Clamp(Millionths / One, int.MinValue, int.MaxValue);

    public int CompareTo(Credits other) => Millionths.CompareTo(other.Millionths);

    public override string ToString() => Amount.ToString("#,0.######", CultureInfo.InvariantCulture);
}
