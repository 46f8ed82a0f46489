using System.Globalization;
using Tenet.Kernel.Policies;
using Tenet.Privacy.Public;

namespace Tenet.Privacy.Pages;

internal static class PublicText
{
    public static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    public static string Title(Policy policy) => policy.Title.Length > 0 ? policy.Title : policy.Name;

    /// <summary>A page of the same workspace, or of the installation about the same policy. The empty name is the page of promises.</summary>
    public static string Link(PublicSubject subject, string page) =>
        subject.Workspace is not null
            ? (page.Length == 0 ? subject.Root : $"{subject.Root}/{page}")
            : $"{(page.Length == 0 ? subject.Root : "/" + page)}?policy={subject.Policy.Name}";
}
