using System.CommandLine;
using Tenet.Billing;

namespace Tenet.Commands;

/// <summary><c>tenet credits give</c>: credits that were paid by invoice, or are a gift.</summary>
internal static class CreditsCommand
{
    private static readonly Argument<string> Workspace = new("WORKSPACE") { Description = "Its short name" };
    private static readonly Argument<int> Number = new("NUMBER") { Description = "How many, from 1" };

    public static Command Create()
    {
        var give = new Command("give", "Book credits for a workspace, without a payment through a provider")
        {
            Workspace,
            Number,
            Installation.Data,
        };
        give.SetAction(
            async (parsed, ct) =>
            {
                var left = await Installation.WithServicesAsync(
                    parsed,
                    "Booking",
                    async (_, services, _) =>
                    {
                        var workspace = await services.WorkspaceNamedAsync(parsed.GetRequiredValue(Workspace), ct);
                        return await services.GetRequiredService<GiveCredits>().RunAsync(workspace.Id, parsed.GetRequiredValue(Number), ct);
                    },
                    ct
                );
                Console.WriteLine(
                    left is { } credits
                        ? $"Booked. The workspace has {credits} credits."
                        : "Booked. Nothing is sold on this installation yet, so turns cost nothing until a package is set: docs/operating.md."
                );
            }
        );
        return new Command("credits", "Credits of workspaces") { give };
    }
}
