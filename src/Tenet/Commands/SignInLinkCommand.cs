using System.CommandLine;
using Tenet.Accounts;

namespace Tenet.Commands;

/// <summary><c>tenet sign-in-link EMAIL</c>: for an operator who cannot receive the letter, such as on the first day.</summary>
internal static class SignInLinkCommand
{
    private static readonly Argument<string> Email = new("EMAIL") { Description = "The address of a member" };

    public static Command Create()
    {
        var command = new Command("sign-in-link", "Print a link that signs a member in once, within ten minutes")
        {
            Email,
            Installation.Data,
        };
        command.SetAction(
            async (parsed, ct) =>
            {
                var link = await Installation.WithServicesAsync(
                    parsed,
                    "Making the link",
                    (_, services, _) =>
                        services.GetRequiredService<SignInLinks>().CreateForOperatorAsync(parsed.GetRequiredValue(Email), ct),
                    ct
                );
                Console.WriteLine(link);
            }
        );
        return command;
    }
}
