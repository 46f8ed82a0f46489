using System.Globalization;

namespace Tenet.Billing.Payments;

/// <summary>Amounts in a currency's smallest unit, and as people and some providers write them: ISO 4217's decimal places.</summary>
internal static class MinorUnits
{
    private static readonly string[] Without = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".Split(' ');
    private static readonly string[] Three = "BHD IQD JOD KWD LYD OMR TND".Split(' ');

    public static int Places(string currency) =>
        Without.Contains(currency, StringComparer.Ordinal) ? 0
        : Three.Contains(currency, StringComparer.Ordinal) ? 3
        : 2;

    /// <summary><c>19.00</c> of 1900 in EUR.</summary>
    public static string Write(long amount, string currency) =>
        ((decimal)amount / Scale(currency)).ToString("F" + Places(currency), CultureInfo.InvariantCulture);

    /// <returns>Null when it is no amount of the currency.</returns>
    public static long? Read(string? text, string currency) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount)
        && amount < 1_000_000_000_000
        && decimal.Truncate(amount * Scale(currency)) == amount * Scale(currency)
            ? (long)(amount * Scale(currency))
            : null;

    private static int Scale(string currency) =>
        Places(currency) switch
        {
            0 => 1,
            3 => 1000,
            _ => 100,
        };
}
