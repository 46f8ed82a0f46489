using System.Globalization;
using Tenet.Privacy.Trust;

namespace Tenet.Privacy.Pages;

internal static class PublicText
{
    public static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>A page beside the trust page; an installation's is about the policy that is shown.</summary>
    public static string Link(TrustSheet sheet, string page) =>
        sheet.Root == "/trust" ? $"/{page}?policy={sheet.Policy.Name}" : $"{sheet.Root}/{page}";
}
