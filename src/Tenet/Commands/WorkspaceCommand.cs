using System.CommandLine;
using System.Globalization;
using System.Text;
using Spectre.Console;
using Tenet.Accounts;
using Tenet.Kernel;
using Tenet.Kernel.Workspaces;

namespace Tenet.Commands;

/// <summary><c>tenet workspace</c>: open one for a business, give it an owner, list them.</summary>
internal static class WorkspaceCommand
{
    private static readonly Argument<string> Slug = new("SLUG") { Description = "The workspace's short name" };
    private static readonly Argument<string> Email = new("EMAIL") { Description = "The owner's address" };

    public static Command Create() => new("workspace", "Open and list the workspaces of businesses") { Open(), Owner(), List() };

    private static Command Open()
    {
        var name = new Argument<string>("NAME") { Description = "What the business is called" };
        var owner = new Option<string>("--owner")
        {
            Description = "The address of the person who owns it and invites the others",
            HelpName = "EMAIL",
            Required = true,
        };
        var slug = new Option<string?>("--slug")
        {
            Description = "Its short name: lower-case letters, digits and hyphens (default: from NAME)",
            HelpName = "SLUG",
        };
        var language = new Option<string>("--language")
        {
            Description = "Of its pages: en, de, fr, es or vi",
            HelpName = "TAG",
            DefaultValueFactory = _ => "en",
        };
        var command = new Command("open", "Open a workspace and print a link that signs its owner in once")
        {
            name,
            owner,
            slug,
            language,
            Installation.Data,
        };
        command.SetAction(
            (parsed, ct) =>
                PrintAsync(
                    parsed,
                    "Opening the workspace",
                    async services =>
                    {
                        var called = parsed.GetRequiredValue(name);
                        var workspace = await services
                            .GetRequiredService<OpenWorkspace>()
                            .RunAsync(
                                called,
                                parsed.GetValue(slug) ?? SlugOf(called),
                                parsed.GetRequiredValue(language),
                                parsed.GetRequiredValue(owner),
                                ct
                            );
                        return $"The workspace {workspace.Slug} is open.\n{await LinkAsync(services, parsed.GetRequiredValue(owner), ct)}";
                    },
                    ct
                )
        );
        return command;
    }

    private static Command Owner()
    {
        var command = new Command("owner", "Make a person an owner, such as when the last one has left") { Slug, Email, Installation.Data };
        command.SetAction(
            (parsed, ct) =>
                PrintAsync(
                    parsed,
                    "Adding the owner",
                    async services =>
                    {
                        var workspace = await services.WorkspaceNamedAsync(parsed.GetRequiredValue(Slug), ct);
                        var email = parsed.GetRequiredValue(Email);
                        await services.GetRequiredService<Members>().CreateOwnerAsync(workspace.Id, email, email.Split('@')[0], ct);
                        return await LinkAsync(services, email, ct);
                    },
                    ct
                )
        );
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "Show the workspaces") { Installation.Data };
        command.SetAction(
            async (parsed, ct) =>
            {
                var workspaces = await Installation.WithServicesAsync(
                    parsed,
                    "Reading the workspaces",
                    (_, services, _) => services.GetRequiredService<WorkspaceDirectory>().ListAsync(ct),
                    ct
                );
                var table = new Table().AddColumns("short name", "name", "language", "opened").Border(TableBorder.Simple);
                foreach (var workspace in workspaces)
                {
                    table.AddRow(
                        Markup.Escape(workspace.Slug),
                        Markup.Escape(workspace.Name),
                        Markup.Escape(workspace.Language),
                        workspace.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                    );
                }
                AnsiConsole.Write(table);
            }
        );
        return command;
    }

    private static async Task PrintAsync(
        ParseResult parsed,
        string doing,
        Func<IServiceProvider, Task<string>> work,
        CancellationToken ct
    ) => Console.WriteLine(await Installation.WithServicesAsync(parsed, doing, (_, services, _) => work(services), ct));

    private static async Task<string> LinkAsync(IServiceProvider services, string email, CancellationToken ct) =>
        $"This link signs its owner in once, within ten minutes:\n{await services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(email, ct)}";

    /// <summary><c>Müller &amp; Söhne</c> → <c>muller-sohne</c>.</summary>
    internal static string SlugOf(string name)
    {
        var slug = new StringBuilder();
        foreach (var c in name.NormalizedTo(NormalizationForm.FormD))
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (char.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }
        var text = slug.ToString();
        return text[..Math.Min(text.Length, 63)].Trim('-');
    }
}
